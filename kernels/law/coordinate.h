#ifndef CTXFIT_KERNELS_LAW_COORDINATE_H_
#define CTXFIT_KERNELS_LAW_COORDINATE_H_

namespace ctxfit {

// The coordinates of search and refinement. C^c and n^c are chosen scales, which the data cannot determine; the
// penalty's width and onset are expressed in units of chosen scales too. Zeros in the last four coordinates mean a
// penalty at those scales and a law from 0 to 1.
enum Coordinate : int {
  kLogComputeCoefficient,  // ln A
  kComputeExponent,        // alpha
  kLogContextCoefficient,  // ln B
  kContextExponent,        // beta
  kLogPenaltyWidth,        // ln(w / its scale)
  kLogPenaltyOnset,        // ln(r / its scale)
  kFloor,                  // floor
  kHeadroom,               // 1 - ceiling
  kCoordinateCount,
};

// The first coordinates belong to the factors f and g. Most fits fix the others, and run in kernels of their own.
inline constexpr int kFactorCoordinateCount = 4;

// A value of every coordinate, indexed by Coordinate.
template <class T>
struct BasicPoint {
  T at[kCoordinateCount];
};
using Point = BasicPoint<double>;

}  // namespace ctxfit

#endif  // CTXFIT_KERNELS_LAW_COORDINATE_H_
