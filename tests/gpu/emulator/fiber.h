#ifndef CTXFIT_TESTS_GPU_EMULATOR_FIBER_H_
#define CTXFIT_TESTS_GPU_EMULATOR_FIBER_H_

#include <boost/context/fiber.hpp>
#include <cstddef>
#include <functional>

namespace ctxfit::emulator {

inline constexpr std::size_t kStackBytes = 64 * 1024;

// A function on a stack of its own that can pause in the middle.
class Fiber {
 public:
  // Sets `run` up to begin with the next Resume(). `stack`, of kStackBytes, must outlive it.
  void Start(char* stack, std::function<void()> run);

  // Runs it until it pauses, or to its end, and returns true if that was the end.
  bool Resume();

  // Called by what runs on the fiber: returns from Resume().
  void Pause();

  // Unwinds what is paused, which will not go on.
  void Abandon() { inside_ = {}; }

 private:
  boost::context::fiber inside_;
  boost::context::fiber outside_;
};

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_FIBER_H_
