#ifndef CTXFIT_TESTS_GPU_EMULATOR_SCHEDULE_H_
#define CTXFIT_TESTS_GPU_EMULATOR_SCHEDULE_H_

#include <cstdint>
#include <random>
#include <vector>

namespace ctxfit::emulator {

enum class Order { kForward, kReverse, kRandom };

// The order in which threads, blocks and streams get to work, and the error of the instruction for 2^x. Set for the
// process by CTXFIT_EMULATOR_SCHEDULE:
//
//   forward       in their order; a stream works only when somebody waits for it; 2^x is exact. The default
//   reverse       in the opposite order; a stream works at once; 2^x is too low
//   random:SEED   shuffled, and warps held back; a stream works now and then; 2^x is off to either side
class Schedule {
 public:
  explicit Schedule(const char* text);

  Order order() const { return order_; }

  // Returns the indices below `count` in the order in which they run.
  std::vector<std::uint32_t> Arrange(std::uint32_t count);

  // Returns a bit for each warp of a block: whether it gets to run next.
  std::uint32_t ChooseWarps();

  // Returns true if a stream starts on its work when it gets more.
  bool StreamsWorkNow();

  // Returns the error of 2^x as a share of its bound, in [-1, 1].
  double ErrorOfExp2(float x) const;

 private:
  Order order_ = Order::kForward;
  std::mt19937 random_;
};

// The schedule of the process.
Schedule& TheSchedule();

}  // namespace ctxfit::emulator

#endif  // CTXFIT_TESTS_GPU_EMULATOR_SCHEDULE_H_
