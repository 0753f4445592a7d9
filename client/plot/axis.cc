#include "client/plot/axis.h"

#include <cmath>
#include <initializer_list>
#include <vector>

namespace ctxfit {

Axis Axis::Linear(double low, double high, double begin, double end) { return Axis(false, low, high, begin, end); }

Axis Axis::Logarithmic(double low, double high, double begin, double end) { return Axis(true, low, high, begin, end); }

Axis::Axis(bool logarithmic, double low, double high, double begin, double end)
    : logarithmic_(logarithmic), low_(logarithmic ? std::log(low) : low), begin_(begin) {
  scale_ = (end - begin) / ((logarithmic ? std::log(high) : high) - low_);
}

double Axis::At(double value) const { return begin_ + scale_ * ((logarithmic_ ? std::log(value) : value) - low_); }

std::vector<double> TokenTicks(double low, double high, int count) {
  std::vector<double> ticks;
  for (const int octaves : {1, 2, 4, 6, 12}) {
    ticks.clear();
    for (double e = octaves * std::ceil(std::log2(low) / octaves); std::exp2(e) <= high; e += octaves) {
      ticks.push_back(std::exp2(e));
    }
    if (static_cast<int>(ticks.size()) <= count) break;
  }
  return ticks;
}

std::vector<double> DecimalTicks(double low, double high, int count) {
  const int first = static_cast<int>(std::floor(std::log10(low)));
  std::vector<double> all;
  std::vector<double> powers;
  for (int exponent = first; std::pow(10, exponent) <= high; ++exponent) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double tick = factor * std::pow(10, exponent);
      if (tick < low || tick > high) continue;
      all.push_back(tick);
      if (factor == 1) powers.push_back(tick);
    }
  }
  return static_cast<int>(all.size()) <= count ? all : powers;
}

std::vector<double> ScoreTicks(double high) {
  constexpr int kMaxSteps = 5;
  double step = 0.2;
  for (const double finer : {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1}) {
    if (finer * kMaxSteps < high) continue;
    step = finer;
    break;
  }
  const int steps = std::max(2, static_cast<int>(std::ceil(high / step - 1e-9)));
  std::vector<double> ticks;
  for (int i = 0; i <= steps; ++i) ticks.push_back(i * step);
  return ticks;
}

}  // namespace ctxfit
