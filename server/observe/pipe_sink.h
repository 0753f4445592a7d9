#ifndef CTXFIT_SERVER_OBSERVE_PIPE_SINK_H_
#define CTXFIT_SERVER_OBSERVE_PIPE_SINK_H_

#include <spdlog/details/null_mutex.h>
#include <spdlog/sinks/base_sink.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/time/time.h"

namespace ctxfit {

// Writes lines to a file descriptor and waits for its reader as long as it takes, up to Close(). A line that cannot be
// written (the reader is gone, the disk is full) is counted as lost. Used by one thread, the logger's.
class PipeSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  // `descriptor` stays open. `dropped` counts the lines that never came as far as the sink.
  PipeSink(int descriptor, std::function<std::int64_t()> dropped)
      : descriptor_(descriptor), dropped_(std::move(dropped)) {}

  // Waits for the reader no longer than `patience` in all from now on. Safe from any thread.
  void Close(absl::Duration patience);

  // Lines that could not be written. Safe from any thread.
  std::int64_t lost() const { return lost_; }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override;
  void flush_() override {}
  // Writes a line about the lines that were dropped or lost since the last one.
  void ReportLoss();
  bool Write(std::string_view line);

  const int descriptor_;
  const std::function<std::int64_t()> dropped_;
  std::int64_t reported_ = 0;
  std::int64_t next_report_ns_ = 0;
  std::atomic<std::int64_t> lost_{0};
  std::atomic<std::int64_t> give_up_ns_{INT64_MAX};  // of the monotonic clock
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_PIPE_SINK_H_
