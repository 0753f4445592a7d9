#include "server/queue/fair_line.h"

#include <algorithm>
#include <utility>

namespace ctxfit {

double FairLine::FinishOf(const JobTerms& terms) const {
  const auto last = finish_by_caller_.find(terms.caller);
  const double begin = last == finish_by_caller_.end() ? now_ : std::max(now_, last->second);
  return begin + terms.cpu_seconds;
}

void FairLine::Add(std::shared_ptr<Job> job) {
  const double finish = FinishOf(job->terms());
  const std::string caller = job->terms().caller;
  const auto place = std::upper_bound(entries_.begin(), entries_.end(), finish,
                                      [](double time, const Entry& entry) { return time < entry.finish; });
  entries_.insert(place, {std::move(job), finish});
  finish_by_caller_[caller] = finish;
}

const Job* FairLine::First(double max_cpu_seconds) const {
  for (const Entry& entry : entries_) {
    if (entry.job->terms().cpu_seconds <= max_cpu_seconds) return entry.job.get();
  }
  return nullptr;
}

std::shared_ptr<Job> FairLine::TakeFirst(double max_cpu_seconds) {
  const auto first = std::find_if(entries_.begin(), entries_.end(), [max_cpu_seconds](const Entry& entry) {
    return entry.job->terms().cpu_seconds <= max_cpu_seconds;
  });
  std::shared_ptr<Job> job = std::move(first->job);
  // A small job that is taken out of its turn leaves the time of the others alone.
  if (first == entries_.begin()) now_ = std::max(now_, first->finish);
  entries_.erase(first);
  std::erase_if(finish_by_caller_, [this](const auto& caller) { return caller.second <= now_; });
  return job;
}

std::vector<std::shared_ptr<Job>> FairLine::TakeStopped() {
  const auto stopped = std::stable_partition(entries_.begin(), entries_.end(),
                                             [](const Entry& entry) { return entry.job->stop().Check().ok(); });
  std::vector<std::shared_ptr<Job>> taken;
  for (auto entry = stopped; entry != entries_.end(); ++entry) taken.push_back(entry->job);
  entries_.erase(stopped, entries_.end());
  // What a caller takes back is not held against its next jobs.
  for (const std::shared_ptr<Job>& job : taken) finish_by_caller_.erase(job->terms().caller);
  for (const Entry& entry : entries_) {
    double& finish = finish_by_caller_[entry.job->terms().caller];
    finish = std::max(finish, entry.finish);
  }
  return taken;
}

double FairLine::CpuSecondsBefore(const JobTerms& terms, double max_cpu_seconds) const {
  const double finish = FinishOf(terms);
  double sum = 0;
  for (const Entry& entry : entries_) {
    const double cpu_seconds = entry.job->terms().cpu_seconds;
    if (entry.finish <= finish && cpu_seconds <= max_cpu_seconds) sum += cpu_seconds;
  }
  return sum;
}

}  // namespace ctxfit
