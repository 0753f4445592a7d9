#include "server/observe/pipe_sink.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>
#include <string>

#include "absl/strings/str_cat.h"

namespace ctxfit {
namespace {

// A pipe that poll() calls writable takes this many bytes without blocking: a page is free.
constexpr std::size_t kNeverBlocks = PIPE_BUF;

constexpr int kPollMs = 100;
constexpr std::int64_t kReportEveryNs = 1'000'000'000;

std::int64_t NowNs() { return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1); }

}  // namespace

void PipeSink::Close(absl::Duration patience) { give_up_ns_ = NowNs() + absl::ToInt64Nanoseconds(patience); }

void PipeSink::sink_it_(const spdlog::details::log_msg& message) {
  ReportLoss();
  spdlog::memory_buf_t line;
  formatter_->format(message, line);
  if (!Write({line.data(), line.size()})) ++lost_;
}

void PipeSink::ReportLoss() {
  const std::int64_t missing = dropped_() + lost_;
  if (missing == reported_ || NowNs() < next_report_ns_) return;
  next_report_ns_ = NowNs() + kReportEveryNs;
  const std::string text = absl::StrCat("event=log_lines_dropped count=", missing - reported_, " total=", missing);
  spdlog::memory_buf_t line;
  formatter_->format({"", spdlog::level::warn, text}, line);
  if (Write({line.data(), line.size()})) reported_ = missing;
}

bool PipeSink::Write(std::string_view line) {
  while (!line.empty()) {
    pollfd writable = {descriptor_, POLLOUT, 0};
    const int ready = poll(&writable, 1, NowNs() >= give_up_ns_ ? 0 : kPollMs);
    if (ready > 0 && (writable.revents & POLLOUT) == 0) return false;
    if (ready > 0) {
      const ssize_t written = write(descriptor_, line.data(), std::min(line.size(), kNeverBlocks));
      if (written >= 0) {
        line.remove_prefix(written);
        continue;
      }
      if (errno != EAGAIN && errno != EINTR) return false;
    }
    if (NowNs() >= give_up_ns_) return false;
  }
  return true;
}

}  // namespace ctxfit
