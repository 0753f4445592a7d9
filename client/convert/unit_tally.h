#ifndef CTXFIT_CLIENT_CONVERT_UNIT_TALLY_H_
#define CTXFIT_CLIENT_CONVERT_UNIT_TALLY_H_

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>

#include "absl/strings/string_view.h"

namespace ctxfit {

// The rows of a converter's table that err together.
struct ConvertedUnits {
  absl::string_view cluster;       // meaning of the column cluster: "a run, whose items share their shots"
  absl::string_view answers;       // reach of intervals that resample clusters: "further models on these items"
  absl::string_view records = "";  // reach of intervals that resample rows; "" where rows of a cluster err together
  bool items = true;               // true if cluster_2 is the item
};

// Explains, for --help, what a converter writes as cluster and cluster_2, and the resampling that is right for it.
std::string UnitsHelp(const ConvertedUnits& units);

// Counts the clusters and the items of a conversion.
class UnitTally {
 public:
  void Add(const std::string& cluster, const std::string& item);

  // Explains the clusters of the rows that were added, with their numbers, and the resampling that is right for them.
  std::string Describe(const ConvertedUnits& units) const;

 private:
  struct Item {
    const std::string* last_cluster;  // an element of clusters_
    bool is_shared = false;           // by several clusters
    bool is_repeated = false;         // within a cluster
  };
  std::set<std::string> clusters_;
  std::unordered_map<std::string, Item> items_;
  std::int64_t shared_count_ = 0;
  std::int64_t repeated_count_ = 0;
};

}  // namespace ctxfit

#endif  // CTXFIT_CLIENT_CONVERT_UNIT_TALLY_H_
