#ifndef CTXFIT_SERVER_OBSERVE_CHECKS_H_
#define CTXFIT_SERVER_OBSERVE_CHECKS_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace ctxfit {

// A condition that a server has to meet, by name. `run` is safe from any thread and does not block.
struct Check {
  std::string name;
  std::function<absl::Status()> run;
};

// The outcome of checks: one line each, as etcd and Kubernetes write them: "[+]workers ok", "[-]queue_fits failed:
// ...".
struct CheckReport {
  bool ok = true;
  std::string text;
};
CheckReport RunChecks(const std::vector<Check>& checks);

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_CHECKS_H_
