// Writes the simulated sets as CSV files into the directory of its one argument, for scipy_fits.py to fit.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "absl/strings/str_format.h"
#include "tests/oracle/data_sets.h"

namespace {

bool Write(const ctxfit::DataSet& set, const std::string& directory) {
  std::ofstream file(directory + "/" + set.name + ".csv");
  file << "training_compute_flops,prompt_tokens,context_limit_tokens,score,weight\n";
  for (std::size_t i = 0; i < set.table.score.size(); ++i) {
    file << absl::StreamFormat("%.17g,%.17g,%.17g,%.17g,%g\n", set.table.training_compute_flops[i],
                               set.table.prompt_tokens[i], set.table.context_limit_tokens[i], set.table.score[i],
                               set.table.weight.empty() ? 1.0 : set.table.weight[i]);
  }
  file.close();
  return file.good();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    absl::FPrintF(stderr, "usage: write_data_sets DIRECTORY\n");
    return 2;
  }
  for (int index = 0; index < ctxfit::kDataSetCount; ++index) {
    const ctxfit::DataSet set = ctxfit::MakeDataSet(index);
    if (Write(set, argv[1])) continue;
    absl::FPrintF(stderr, "write_data_sets: cannot write %s/%s.csv\n", argv[1], set.name);
    return EXIT_FAILURE;
  }
  return EXIT_SUCCESS;
}
