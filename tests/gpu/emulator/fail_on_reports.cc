#include <gtest/gtest.h>

#include "tests/gpu/emulator/control.h"
#include "tests/gpu/emulator/report.h"

// Linked into a test binary, fails every test that leaves reports or objects of the device behind.

namespace ctxfit::emulator {
namespace {

class FailOnReports : public testing::EmptyTestEventListener {
  void OnTestEnd(const testing::TestInfo&) override {
    for (const Report& report : TakeReports()) ADD_FAILURE() << report.fault << ": " << report.text;
    EXPECT_EQ(CountLiveObjects(), LiveObjects{}) << "objects are left behind";
  }
};

// The list of listeners owns it.
[[maybe_unused]] const bool is_listening = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new FailOnReports);
  return true;
}();

}  // namespace
}  // namespace ctxfit::emulator
