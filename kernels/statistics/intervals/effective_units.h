#ifndef CTXFIT_KERNELS_STATISTICS_INTERVALS_EFFECTIVE_UNITS_H_
#define CTXFIT_KERNELS_STATISTICS_INTERVALS_EFFECTIVE_UNITS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ctxfit {

struct Observations;

// The effective number of resampling units, which limits how well replicates show the spread of estimates, and the
// parameters that were fitted to them.
struct EffectiveUnits {
  double count = 0;   // n; unknown if below 1
  double fitted = 1;  // p, > 0
};

// The number of parameters in EffectiveUnits of `fitted` ones: at least 1, and 1 with two keys, whose product weights
// count as one.
double CountFitted(std::int64_t fitted, bool has_two_keys);

// The number of units below which cluster intervals may be too narrow (Cameron and Miller 2015).
inline constexpr int kFewUnits = 30;

// The effective number of units below which FewUnits expands intervals: from there on it and a count of units less
// fitted parameters expand them about alike.
inline constexpr double kCountableUnits = 10;

// Kish's effective number (sum w)^2 / sum w^2 of units that contribute `weights`, each >= 0: that of as many units of
// equal weight as give a mean of the same variance (Kish 1965, "Survey Sampling"). 0 without units of weight.
double KishNumber(const std::vector<double>& weights);

// The units of one key that have informative rows: such between the law's asymptotes (FindBetweenAsymptotes()).
struct InformativeUnits {
  std::int32_t count;  // number of such units
  double effective;    // KishNumber() of the weights of their informative rows
};

// Returns the informative units of the first key, and of the second where there are two. `informative` has an element
// per combination of covariates.
std::vector<InformativeUnits> FindInformativeUnits(const Observations& observations,
                                                   const std::vector<bool>& informative);

// Returns the effective units of a fit of `fitted` parameters, given FindInformativeUnits(). With two crossed keys n is
// that of the key that has fewer, and p is 1, since product weights overstate the spread. With strata each stratum but
// the first costs one unit of average weight.
EffectiveUnits FindEffectiveUnits(const Observations& observations, const std::vector<InformativeUnits>& informative,
                                  std::int64_t fitted);

// The degrees of freedom n - p of a variance over replicates, and the inflation n / (n - p) by which it understates
// that of the estimate. Fewer than p + 2 units count as p + 2: with less than two degrees of freedom t knows no scale.
struct Expansion {
  double freedom;
  double inflation;
};
Expansion ExpansionOf(const EffectiveUnits& units);

// The height, in standard deviations of the replicates, of the end of an interval whose nominal height is `height` >=
// 0: sqrt(inflation) t, where Student's t with the expansion's degrees of freedom exceeds t with the probability with
// which a normal number exceeds `height`.
double HeightUnder(const Expansion& expansion, double height);

// The expansion of a variance that sums two independent ones: of `a`, which has that share of it, and of `b`. Degrees
// of freedom are combined by Satterthwaite's rule (1946), inflations averaged by share.
Expansion Combine(const Expansion& a, double share, const Expansion& b);

// HeightUnder() the ExpansionOf() `units`. It makes up for replicates of n units and p fitted parameters that spread
// too little, by a factor of sqrt((n - p) / n), and for a spread that is known from n - p degrees of freedom only
// (Hesterberg 2015, "What teachers should know about the bootstrap", for p = 1, a mean). Few units count as in
// ExpansionOf(). `height` itself where n is unknown.
double ExpandedHeight(double height, const EffectiveUnits& units);

// Returns the effective units of the difference of two independent estimates, of variances >= 0 that are not both 0 and
// known units: those whose ExpansionOf() combines that of both by their shares in the variance.
EffectiveUnits UnitsOfDifference(const EffectiveUnits& a, double variance_a, const EffectiveUnits& b,
                                 double variance_b);

// Returns the `determining` units behind the one coordinate that matters, 0 if their number is unknown, where they
// expand an interval further than those of the whole fit; unset where they do not.
std::optional<EffectiveUnits> WeakerUnits(const EffectiveUnits& fit, double determining);

// The probability of an event that occurs in a share `share` of the replicates: P(t < h / sqrt(n / (n - p))) with
// Student's t of n - p degrees of freedom and h the normal quantile at the share, the inverse of ExpandedHeight(). So
// an end of an interval is passed with the probability that the interval leaves beyond it. A share of 0 or 1 counts as
// half a replicate of `replicates` less. `share` itself where n is unknown.
double ExpandedShare(double share, const EffectiveUnits& units, std::size_t replicates);

// A tail of an interval over replicates.
struct IntervalTail {
  double probability;  // beyond the quantile at which the interval ends; in (0, 1)
  double stretch = 1;  // >= 1, by which that end then moves away from the median
};

// The tail of an interval that covers `confidence`, in (0, 1), over that many replicates: Phi(-h) with h =
// ExpandedHeight() of the normal quantile at (1 - confidence) / 2. Fewer than five replicates beyond it do not locate
// it: the interval is then read off at the fifth replicate, or at (1 - confidence) / 2 if that is less, and stretched
// about the median by the ratio of the heights.
IntervalTail ExpandedTail(double confidence, const EffectiveUnits& units, std::size_t replicates);

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_STATISTICS_INTERVALS_EFFECTIVE_UNITS_H_
