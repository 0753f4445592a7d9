#ifndef CTXFIT_CLIENT_PLOT_AXIS_H_
#define CTXFIT_CLIENT_PLOT_AXIS_H_

#include <vector>

namespace ctxfit {

// Maps values on a linear or logarithmic scale to pixels.
class Axis {
 public:
  // Makes an axis that maps `low` to `begin` and `high` to `end`. low < high; both > 0 on a logarithmic scale.
  static Axis Linear(double low, double high, double begin, double end);
  static Axis Logarithmic(double low, double high, double begin, double end);

  double At(double value) const;

 private:
  Axis(bool logarithmic, double low, double high, double begin, double end);

  bool logarithmic_;
  double low_;
  double scale_;
  double begin_;
};

// Powers of 2, 4, 16 or 64 in [low, high], the densest with at most `count` of them. Context limits are powers of 2.
std::vector<double> TokenTicks(double low, double high, int count);

// Powers of ten times 1, 2 and 5 in [low, high] if they are at most `count`, powers of ten otherwise.
std::vector<double> DecimalTicks(double low, double high, int count);

// Three to six round numbers from 0 to at least `high`, but at most 1. high in [0, 1].
std::vector<double> ScoreTicks(double high);

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_AXIS_H_
