#include "kernels/statistics/distributions.h"

#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

namespace ctxfit {

double NormalProbability(double value) { return boost::math::cdf(boost::math::normal(), value); }

double NormalQuantile(double probability) { return boost::math::quantile(boost::math::normal(), probability); }

double StudentUpperQuantile(double tail, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::complement(boost::math::students_t(degrees_of_freedom), tail));
}

double StudentQuantile(double confidence, double degrees_of_freedom) {
  return StudentUpperQuantile((1 - confidence) / 2, degrees_of_freedom);
}

double FTailProbability(double statistic, double numerator_degrees, double denominator_degrees) {
  const boost::math::fisher_f distribution(numerator_degrees, denominator_degrees);
  return boost::math::cdf(boost::math::complement(distribution, statistic));
}

}  // namespace ctxfit
