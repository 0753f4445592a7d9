#include "tests/kernels/defaults.h"

#include "kernels/data/cells.h"
#include "kernels/law/law_options.h"

namespace ctxfit {

Domain DefaultDomain() { return MakeDomain(LawOptions()); }

References DefaultReferences(const Observations& observations) { return ChooseReferences(observations, LawOptions()); }

}  // namespace ctxfit
