#include "tests/gpu/emulator/fiber.h"

#include <memory>
#include <utility>

namespace ctxfit::emulator {
namespace {

// Lends a stack that somebody else owns.
struct LentStack {
  char* begin;

  boost::context::stack_context allocate() const {
    boost::context::stack_context stack;
    stack.sp = begin + kStackBytes;  // stacks grow downwards
    stack.size = kStackBytes;
    return stack;
  }
  void deallocate(boost::context::stack_context&) const noexcept {}
};

}  // namespace

void Fiber::Start(char* stack, std::function<void()> run) {
  inside_ = boost::context::fiber(std::allocator_arg, LentStack{stack},
                                  [this, body = std::move(run)](boost::context::fiber&& outside) {
                                    outside_ = std::move(outside);
                                    body();
                                    return std::move(outside_);
                                  });
}

bool Fiber::Resume() {
  inside_ = std::move(inside_).resume();
  return !inside_;
}

void Fiber::Pause() { outside_ = std::move(outside_).resume(); }

}  // namespace ctxfit::emulator
