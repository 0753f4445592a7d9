#include "server/observe/checks.h"

#include "absl/strings/str_cat.h"

namespace ctxfit {

CheckReport RunChecks(const std::vector<Check>& checks) {
  CheckReport report;
  for (const Check& check : checks) {
    const absl::Status status = check.run();
    report.ok = report.ok && status.ok();
    absl::StrAppend(&report.text, status.ok() ? "[+]" : "[-]", check.name,
                    status.ok() ? " ok\n" : absl::StrCat(" failed: ", status.message(), "\n"));
  }
  return report;
}

}  // namespace ctxfit
