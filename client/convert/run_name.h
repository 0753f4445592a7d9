#ifndef CTXFIT_CLIENT_CONVERT_RUN_NAME_H_
#define CTXFIT_CLIENT_CONVERT_RUN_NAME_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace ctxfit {

// Parts of the name of a run's file, dataset=D,model=M[,config=C],shots=N,local_seed=S.json.
struct RunName {
  std::string run;    // the name without ".json"
  std::string items;  // the name without the model, which the runs of several models on the same items share
  std::string dataset;
  std::string model;
  std::string shots;  // digits
};

// Parses a file name by its keys, which come in this order; dataset, model and config may contain ',' and '='.
// Nothing if it is not the name of a run.
std::optional<RunName> ParseRunName(absl::string_view file_name);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_RUN_NAME_H_
