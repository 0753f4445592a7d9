#ifndef CTXFIT_CLIENT_PLOT_SVG_STYLE_H_
#define CTXFIT_CLIENT_PLOT_SVG_STYLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "client/text/text_table.h"

// Style that all pictures share.

namespace ctxfit {

// Colours that are distinct under any colour vision (Okabe and Ito 2008), and greys.
inline constexpr const char* kPointStyle = R"(fill="#0072b2" fill-opacity="0.75")";
inline constexpr const char* kHollowPointStyle = R"(fill="none" stroke="#0072b2" stroke-opacity="0.75")";
inline constexpr const char* kLimitStyle = R"(stroke="#333333" stroke-width="1.3" stroke-dasharray="6 4")";

// Upper estimate of the mean width of a character, relative to the font size: that of DejaVu Sans, the widest font
// used.
inline constexpr double kCharacterWidth = 0.61;

// Breaks `text` into lines that fit into `width` pixels at `font_size`.
inline std::vector<std::string> LinesWithin(const std::string& text, double width, double font_size) {
  return BrokenLines(text, static_cast<std::size_t>(width / (kCharacterWidth * font_size)));
}

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_PLOT_SVG_STYLE_H_
