#ifndef CTXFIT_TESTS_GPU_EVALUATE_H_
#define CTXFIT_TESTS_GPU_EVALUATE_H_

#include <gtest/gtest.h>

#include <vector>

#include "kernels/backend/backend.h"
#include "kernels/data/cells.h"
#include "kernels/law/coordinate.h"
#include "kernels/law/domain.h"
#include "kernels/law/law_options.h"
#include "tests/kernels/one_search.h"
#include "tests/kernels/proposal_settings.h"

namespace ctxfit {

// Evaluates members of a domain, by default that of the default options, over the cells.
inline Population Evaluate(Backend& backend, const Cells& cells, const std::vector<BasicPoint<float>>& members,
                           const Domain& domain = MakeDomain({})) {
  auto search = StartOne(backend, cells, SettingsOf(domain, 1), members);
  EXPECT_TRUE(search.ok()) << search.status();
  return (*search)->Read().value();
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_GPU_EVALUATE_H_
