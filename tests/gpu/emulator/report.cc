#include "tests/gpu/emulator/report.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/gpu/emulator/block.h"
#include "tests/gpu/emulator/symbols.h"

namespace ctxfit::emulator {
namespace {

struct Reports {
  std::vector<Report> list;
  std::set<std::pair<Fault, const void*>> reported;
};

Reports& TheReports() {
  static Reports reports;
  return reports;
}

// A thread in words.
std::string Describe(const Thread& thread) {
  const uint3 block = thread.block->index();
  return absl::StrCat(NameOfFunction(thread.block->call().kernel), ", block (", block.x, ", ", block.y, "), thread ",
                      thread.number, ": ");
}

}  // namespace

std::ostream& operator<<(std::ostream& out, Fault fault) {
  static constexpr const char* kNames[] = {"race",          "uninitialised", "bounds",  "host memory",
                                           "foreign stack", "alignment",     "copy",    "barrier",
                                           "deadlock",      "shared size",   "capture", "lifetime"};
  return out << kNames[static_cast<int>(fault)];
}

void AddReport(Fault fault, const std::string& text, const void* caller) {
  Reports& reports = TheReports();
  if (caller != nullptr && !reports.reported.insert({fault, caller}).second) return;
  const std::string who = running == nullptr ? "" : Describe(*running);
  reports.list.push_back({fault, absl::StrCat(who, text, caller == nullptr ? "" : ", at " + LineOf(caller))});
}

std::vector<Report> TakeReports() {
  TheReports().reported.clear();
  return std::exchange(TheReports().list, {});
}

}  // namespace ctxfit::emulator
