#ifndef CTXFIT_TESTS_GPU_SEARCH_OUTCOME_H_
#define CTXFIT_TESTS_GPU_SEARCH_OUTCOME_H_

#include <gtest/gtest.h>

#include <cstring>

#include "kernels/backend/backend.h"

namespace ctxfit {

// The state of one problem of a search.
struct Outcome {
  PopulationSummary summary;
  Population population;
};

inline void ExpectSameBits(const Outcome& a, const Outcome& b) {
  EXPECT_EQ(a.summary.generation, b.summary.generation);
  EXPECT_EQ(a.summary.best, b.summary.best);
  EXPECT_EQ(a.summary.best_cost, b.summary.best_cost);
  EXPECT_EQ(a.summary.mean_cost, b.summary.mean_cost);
  EXPECT_EQ(a.summary.evaluation_count, b.summary.evaluation_count);
  EXPECT_EQ(a.summary.non_finite_count, b.summary.non_finite_count);
  EXPECT_EQ(a.population.costs, b.population.costs);
  ASSERT_EQ(a.population.members.size(), b.population.members.size());
  EXPECT_EQ(std::memcmp(a.population.members.data(), b.population.members.data(),
                        a.population.members.size() * sizeof(BasicPoint<float>)),
            0);
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_SEARCH_OUTCOME_H_
