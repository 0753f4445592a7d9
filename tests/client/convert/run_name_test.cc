#include "client/convert/run_name.h"

#include <gtest/gtest.h>

#include <optional>

namespace ctxfit {
namespace {

TEST(RunNameTest, ParsesTheNameOfARun) {
  const std::optional<RunName> name = ParseRunName("dataset=gsm,model=Llama-2-7b-hf,shots=15,local_seed=31337.json");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->run, "dataset=gsm,model=Llama-2-7b-hf,shots=15,local_seed=31337");
  EXPECT_EQ(name->items, "dataset=gsm,shots=15,local_seed=31337");
  EXPECT_EQ(name->dataset, "gsm");
  EXPECT_EQ(name->model, "Llama-2-7b-hf");
  EXPECT_EQ(name->shots, "15");
}

TEST(RunNameTest, ItemsIncludeTheConfig) {
  const auto name = ParseRunName("dataset=deepmind-math,model=m,config=algebra__linear_1d,shots=0,local_seed=1.json");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->items, "dataset=deepmind-math,config=algebra__linear_1d,shots=0,local_seed=1");
  EXPECT_EQ(name->model, "m");
}

TEST(RunNameTest, AllowsCommasAndEqualSignsInValues) {
  const auto name = ParseRunName("dataset=a,b=c,model=m,shots=few,rev=2,config=x=1,y,shots=3,local_seed=-7.json");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->dataset, "a,b=c");
  EXPECT_EQ(name->model, "m,shots=few,rev=2");
  EXPECT_EQ(name->items, "dataset=a,b=c,config=x=1,y,shots=3,local_seed=-7");
  EXPECT_EQ(name->shots, "3");
}

TEST(RunNameTest, RefusesNamesOfOtherFiles) {
  for (const char* name :
       {"", ".json", "results.json", "dataset=a,model=b,shots=1,local_seed=2.jsonl", "dataset=a,model=b,shots=1.json",
        "dataset=a,model=b,local_seed=1.json", "dataset=a,shots=1,local_seed=1.json",
        "dataset=,model=b,shots=1,local_seed=1.json", "dataset=a,model=,shots=1,local_seed=1.json",
        "dataset=a,model=b,shots=,local_seed=1.json", "dataset=a,model=b,shots=x,local_seed=1.json",
        "dataset=a,model=b,shots=1,local_seed=.json", "model=b,dataset=a,shots=1,local_seed=1.json",
        "dataset=a,model=b,local_seed=1,shots=1.json", "old,dataset=a,model=b,shots=1,local_seed=1.json"}) {
    EXPECT_FALSE(ParseRunName(name)) << name;
  }
}

}  // namespace
}  // namespace ctxfit
