#include "client/text/progress_bar.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/input/utf8.h"
#include "client/text/number_text.h"

namespace ctxfit {
namespace {

constexpr int kBarWidth = 24;

std::string PhaseText(const v1::Progress& progress) {
  switch (progress.phase()) {
    case v1::FIT_PHASE_QUEUED:
      return progress.queue_position() > 0 ? absl::StrCat("queued, ", progress.queue_position(), " ahead")
                                           : "preparing";
    case v1::FIT_PHASE_COLLAPSE:
      return "grouping";
    case v1::FIT_PHASE_SEARCH:
      return "searching";
    case v1::FIT_PHASE_REFINE:
      return "refining";
    case v1::FIT_PHASE_RESAMPLE:
      return "resampling";
    default:
      return "working";
  }
}

int TerminalWidth(std::FILE* stream) {
  winsize size = {};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return std::max<int>(size.ws_col, 20);
}

}  // namespace

std::string ProgressLine(const v1::Progress& progress, int width) {
  const double fraction = std::clamp(progress.fraction(), 0.0, 1.0);
  const int done = static_cast<int>(std::floor(fraction * kBarWidth));
  std::string line = absl::StrFormat("%-11s ", PhaseText(progress));
  for (int i = 0; i < kBarWidth; ++i) line += i < done ? "━" : "─";
  absl::StrAppendFormat(&line, " %3.0f %%", std::floor(100 * fraction));
  if (progress.generation() > 0) absl::StrAppend(&line, "  generation ", progress.generation());
  if (progress.has_best_cost()) absl::StrAppend(&line, "  best cost ", NumberText(progress.best_cost(), 5));
  if (!progress.task().empty()) absl::StrAppend(&line, "  ", progress.task());
  return Ellipsized(line, width);
}

ProgressBar::ProgressBar(std::FILE* stream, bool enabled)
    : stream_(stream), enabled_(enabled && isatty(fileno(stream)) != 0) {}

ProgressBar::~ProgressBar() {
  if (drawn_) absl::FPrintF(stream_, "\r\x1b[K");
}

void ProgressBar::Show(const v1::Progress& progress) {
  if (!enabled_) return;
  // Leave the last column free: a full line would wrap and scroll.
  absl::FPrintF(stream_, "\r%s\x1b[K", ProgressLine(progress, TerminalWidth(stream_) - 1));
  std::fflush(stream_);
  drawn_ = true;
}

}  // namespace ctxfit
