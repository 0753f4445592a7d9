#include "client/convert/unit_tally.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/text/number_text.h"

namespace ctxfit {
namespace {

constexpr char kTooWide[] = "are 2 to 4 times too wide";

std::string DefaultText(const ConvertedUnits& units) {
  std::string text = absl::StrCat("fit resamples clusters by default: its intervals answer for ", units.answers,
                                  ", and are wide where clusters are few.");
  if (!units.records.empty()) absl::StrAppend(&text, " fit --resample record answers for ", units.records, ".");
  return text;
}

}  // namespace

std::string UnitsHelp(const ConvertedUnits& units) {
  std::string text = absl::StrCat("The column cluster is ", units.cluster, ". ", DefaultText(units));
  if (!units.items) return text;
  return absl::StrCat(
      text,
      " cluster_2 is the item. fit --resample two-way answers for other items, too, where clusters share "
      "them and an item is hard or easy for all alike; where not, its intervals ",
      kTooWide, ".");
}

void UnitTally::Add(const std::string& cluster, const std::string& item) {
  const std::string* known = &*clusters_.insert(cluster).first;
  if (item.empty()) return;
  const auto [at, is_new] = items_.try_emplace(item, Item{known});
  if (is_new) return;
  Item& counted = at->second;
  bool& flag = counted.last_cluster == known ? counted.is_repeated : counted.is_shared;
  (counted.last_cluster == known ? repeated_count_ : shared_count_) += !flag;
  flag = true;
  counted.last_cluster = known;
}

std::string UnitTally::Describe(const ConvertedUnits& units) const {
  std::string text = absl::StrCat(Plural(static_cast<std::int64_t>(clusters_.size()), "cluster"), ", each ",
                                  units.cluster, ". ", DefaultText(units));
  if (items_.empty()) return text;
  absl::StrAppend(&text, " ", Plural(static_cast<std::int64_t>(items_.size()), "item"), " in cluster_2, ",
                  shared_count_ == 0 ? "none" : CountText(shared_count_), " of them in several clusters: ",
                  shared_count_ == 0
                      ? "the intervals of fit --resample two-way "
                      : "fit --resample two-way answers for other items, too, if an item is hard or easy for all "
                        "clusters alike; if not, its intervals ",
                  kTooWide, ".");
  if (repeated_count_ == 0) return text;
  return absl::StrCat(text, " ", CountText(repeated_count_), repeated_count_ == 1 ? " item occurs" : " items occur",
                      " more than once in a cluster, as epochs do: fit --resample record would take these for "
                      "independent.");
}

}  // namespace ctxfit
