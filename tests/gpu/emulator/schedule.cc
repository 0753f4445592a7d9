#include "tests/gpu/emulator/schedule.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>

namespace ctxfit::emulator {

Schedule::Schedule(const char* text) {
  const std::string schedule = text == nullptr ? "forward" : text;
  const std::string random = "random:";
  if (schedule.rfind(random, 0) == 0) {
    order_ = Order::kRandom;
    random_.seed(static_cast<std::uint32_t>(std::strtoul(schedule.c_str() + random.size(), nullptr, 10)));
  } else if (schedule == "reverse") {
    order_ = Order::kReverse;
  } else if (schedule != "forward") {
    std::fprintf(stderr, "CTXFIT_EMULATOR_SCHEDULE=%s: must be forward, reverse or random:SEED\n", text);
    std::exit(2);
  }
}

std::vector<std::uint32_t> Schedule::Arrange(std::uint32_t count) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0);
  if (order_ == Order::kReverse) std::reverse(indices.begin(), indices.end());
  if (order_ == Order::kRandom) std::shuffle(indices.begin(), indices.end(), random_);
  return indices;
}

std::uint32_t Schedule::ChooseWarps() { return order_ == Order::kRandom ? random_() : ~std::uint32_t{0}; }

bool Schedule::StreamsWorkNow() {
  return order_ == Order::kReverse || (order_ == Order::kRandom && random_() % 4 == 0);
}

double Schedule::ErrorOfExp2(float x) const {
  switch (order_) {
    case Order::kForward:
      return 0;
    case Order::kReverse:
      return -1;
    case Order::kRandom:
      break;
  }
  // A function of x alone, as the instruction is.
  const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x) * 2654435761u;
  return (bits >> 8) * 0x1p-23 - 1;
}

Schedule& TheSchedule() {
  static Schedule schedule(std::getenv("CTXFIT_EMULATOR_SCHEDULE"));
  return schedule;
}

}  // namespace ctxfit::emulator
