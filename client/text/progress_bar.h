#ifndef CTXFIT_CLIENT_TEXT_PROGRESS_BAR_H_
#define CTXFIT_CLIENT_TEXT_PROGRESS_BAR_H_

#include <cstdio>
#include <string>

#include "ctxfit/v1/fitting_service.pb.h"

namespace ctxfit {

// Formats a fit's progress as a line of at most `width` characters:
// "searching    ━━━━━━━━────────────  38 %  generation 12  best cost 14.05  proofpile". `width` >= 20.
std::string ProgressLine(const v1::Progress& progress, int width);

// Redraws a progress line in place on a terminal, and erases it when destroyed. Draws nothing if the stream is not a
// terminal.
class ProgressBar {
 public:
  explicit ProgressBar(std::FILE* stream, bool enabled);
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar();

  void Show(const v1::Progress& progress);

 private:
  std::FILE* const stream_;
  const bool enabled_;
  bool drawn_ = false;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_TEXT_PROGRESS_BAR_H_
