#ifndef CTXFIT_SERVER_QUEUE_FAIR_LINE_H_
#define CTXFIT_SERVER_QUEUE_FAIR_LINE_H_

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "server/queue/job.h"

namespace ctxfit {

// The order in which jobs take their turns: self-clocked fair queueing (Golestani 1994). Each caller's jobs run in the
// order of their arrival, and callers share the processor time, as it is estimated, equally: a small job comes before
// the large ones that other callers have waiting, and no job waits for ever. Thread-compatible.
class FairLine {
 public:
  void Add(std::shared_ptr<Job> job);

  // Returns the first job whose estimate is at most `max_cpu_seconds`; null where there is none.
  const Job* First(double max_cpu_seconds) const;

  // Removes and returns First(), whose turn it is. There must be one.
  std::shared_ptr<Job> TakeFirst(double max_cpu_seconds);

  // Removes and returns the jobs that have been stopped.
  std::vector<std::shared_ptr<Job>> TakeStopped();

  // Returns the estimated processor time of the jobs of at most `max_cpu_seconds` that come before a new one of
  // `terms`.
  double CpuSecondsBefore(const JobTerms& terms, double max_cpu_seconds) const;

  std::size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  // Returns the i-th job in the order of turns.
  const std::shared_ptr<Job>& operator[](std::size_t i) const { return entries_[i].job; }

 private:
  struct Entry {
    std::shared_ptr<Job> job;
    double finish;  // virtual time at which it would be done if all callers were served at once
  };

  double FinishOf(const JobTerms& terms) const;

  std::vector<Entry> entries_;                      // by virtual time of finish, equal ones by arrival
  double now_ = 0;                                  // virtual time: that at which the job last taken is done
  std::map<std::string, double> finish_by_caller_;  // of the callers whose last job is done after now_
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_QUEUE_FAIR_LINE_H_
