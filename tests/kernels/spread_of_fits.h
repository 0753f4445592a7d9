#ifndef CTXFIT_TESTS_KERNELS_SPREAD_OF_FITS_H_
#define CTXFIT_TESTS_KERNELS_SPREAD_OF_FITS_H_

#include <cmath>

#include "kernels/backend/backend.h"
#include "kernels/law/coordinate.h"

namespace ctxfit {

// The standard deviation of a coordinate over the replicates of `fits`.
inline double StandardDeviationOf(const ReplicateFits& fits, int coordinate) {
  double sum = 0;
  double squares = 0;
  for (const Point& point : fits.points) sum += point.at[coordinate];
  const double mean = sum / fits.points.size();
  for (const Point& point : fits.points) squares += std::pow(point.at[coordinate] - mean, 2);
  return std::sqrt(squares / fits.points.size());
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_SPREAD_OF_FITS_H_
