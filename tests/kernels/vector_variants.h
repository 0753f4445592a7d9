#ifndef CTXFIT_TESTS_KERNELS_VECTOR_VARIANTS_H_
#define CTXFIT_TESTS_KERNELS_VECTOR_VARIANTS_H_

#include <gtest/gtest.h>

#include <cctype>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/objective/vector_kernels.h"

namespace ctxfit {

// A test parameter: the vector kernels of one instruction set, printed as its name.
struct VectorVariant {
  const VectorKernels* kernels;

  std::string Name() const {
    std::string name = kernels->name;
    std::erase_if(name, [](unsigned char c) { return !std::isalnum(c); });
    return name;
  }
  friend std::ostream& operator<<(std::ostream& out, const VectorVariant& variant) { return out << variant.Name(); }
};

// The variants that this machine can run.
inline std::vector<VectorVariant> SupportedVariants() {
  std::vector<VectorVariant> variants;
  for (const VectorKernels* kernels : SupportedVectorKernels()) variants.push_back({kernels});
  return variants;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_VECTOR_VARIANTS_H_
