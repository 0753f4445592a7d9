#include "kernels/base/available_cpus.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace ctxfit {
namespace {

// A control group hierarchy in a temporary folder, which the destructor removes.
class CgroupTree {
 public:
  explicit CgroupTree(const std::string& name) : root_(std::filesystem::path(testing::TempDir()) / name) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~CgroupTree() { std::filesystem::remove_all(root_); }

  void Limit(const std::string& group, const std::string& cpu_max) {
    std::filesystem::create_directories(root_.string() + group);
    std::ofstream(root_.string() + group + "/cpu.max") << cpu_max << '\n';
  }
  std::string root() const { return root_.string(); }

 private:
  const std::filesystem::path root_;
};

TEST(AvailableCpusTest, TheTightestLimitOfAGroupAndItsParentsCounts) {
  CgroupTree tree("available_cpus_tightest");
  tree.Limit("/pods", "250000 100000");
  tree.Limit("/pods/one", "400000 100000");
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/pods/one"), 3);  // 2.5, rounded up
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/pods"), 3);
  tree.Limit("/pods/one", "50000 100000");
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/pods/one"), 1);
}

TEST(AvailableCpusTest, ALimitAtTheRootOfANamespaceCounts) {
  CgroupTree tree("available_cpus_root");
  tree.Limit("", "200000 100000");
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/"), 2);
}

TEST(AvailableCpusTest, AGroupWithoutALimitHasNone) {
  CgroupTree tree("available_cpus_none");
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/absent/group"), std::nullopt);
  tree.Limit("/free", "max 100000");
  EXPECT_EQ(CgroupCpuLimit(tree.root(), "/free"), std::nullopt);
}

TEST(AvailableCpusTest, AtLeastOneProcessorIsAvailable) { EXPECT_GE(AvailableCpus(), 1); }

TEST(AvailableCpusTest, FewRowsKeepOneProcessorBusyAndManyRowsAll) {
  EXPECT_EQ(CpusFor(0), 1);
  EXPECT_EQ(CpusFor(1000), 1);
  EXPECT_EQ(CpusFor(1'000'000'000), AvailableCpus());
}

}  // namespace
}  // namespace ctxfit
