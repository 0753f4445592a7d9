#ifndef CTXFIT_TESTS_GPU_EMULATOR_REPORT_H_
#define CTXFIT_TESTS_GPU_EMULATOR_REPORT_H_

#include <ostream>
#include <string>
#include <vector>

// Reports of faults. Kernels go on after one.

namespace ctxfit::emulator {

enum class Fault {
  kRace,           // accesses of two threads, one of them a write, that nothing orders
  kUninitialised,  // a read of memory that nobody has written
  kBounds,         // an access outside of what is allocated, or after it was freed
  kHostMemory,     // an access to memory of the host
  kForeignStack,   // an access to a local variable of another thread
  kAlignment,      // an access at an address that is no multiple of its size
  kCopy,           // an asynchronous copy that is malformed, touched on its way or never waited for
  kBarrier,        // threads of a block at different barriers
  kDeadlock,       // threads that wait for each other
  kSharedSize,     // more shared memory than a block may have
  kCapture,        // a call that must not come between begin and end of a capture
  kLifetime,       // something used after it was destroyed, or destroyed while in use
};

std::ostream& operator<<(std::ostream& out, Fault fault);

struct Report {
  Fault fault;
  std::string text;
};

// Keeps a report about the running thread, or the host. `caller`, an address of code, is reported as file and line,
// each fault once per caller.
void AddReport(Fault fault, const std::string& text, const void* caller = nullptr);

// Returns the reports since the last call, in their order.
std::vector<Report> TakeReports();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_REPORT_H_
