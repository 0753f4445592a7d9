#include "kernels/statistics/numerics/distributions.h"

#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "kernels/base/find_root.h"

namespace ctxfit {
namespace {

using Normal = boost::math::normal_distribution<double, NoThrow>;
using StudentsT = boost::math::students_t_distribution<double, NoThrow>;
using FisherF = boost::math::fisher_f_distribution<double, NoThrow>;
using ChiSquared = boost::math::chi_squared_distribution<double, NoThrow>;

}  // namespace

double NormalProbability(double value) { return boost::math::cdf(Normal(), value); }

double NormalQuantile(double probability) { return boost::math::quantile(Normal(), probability); }

double StudentUpperQuantile(double tail, double degrees_of_freedom) {
  return boost::math::quantile(boost::math::complement(StudentsT(degrees_of_freedom), tail));
}

double StudentQuantile(double confidence, double degrees_of_freedom) {
  return StudentUpperQuantile((1 - confidence) / 2, degrees_of_freedom);
}

double FTailProbability(double statistic, double numerator_degrees, double denominator_degrees) {
  const FisherF distribution(numerator_degrees, denominator_degrees);
  return boost::math::cdf(boost::math::complement(distribution, statistic));
}

double ChiSquareTailProbability(double statistic, double degrees_of_freedom) {
  return boost::math::cdf(boost::math::complement(ChiSquared(degrees_of_freedom), statistic));
}

}  // namespace ctxfit
