#ifndef CTXFIT_TESTS_KERNELS_REAL_DATA_H_
#define CTXFIT_TESTS_KERNELS_REAL_DATA_H_

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "kernels/data/observations.h"

namespace ctxfit {

// Reads a CSV file of tests/data, which must have no quotes. Skips columns that no fit uses.
inline ObservationTable ReadRealData(const std::string& name) {
  std::ifstream file(std::string(CTXFIT_TEST_DATA "/") + name);
  const auto read_cells = [&file](std::vector<std::string>& cells) {
    std::string line;
    if (!std::getline(file, line)) return false;
    cells.clear();
    std::stringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    return true;
  };
  ObservationTable table;
  const std::map<std::string, std::vector<double>*> numbers = {
      {"training_compute_flops", &table.training_compute_flops},
      {"prompt_tokens", &table.prompt_tokens},
      {"context_limit_tokens", &table.context_limit_tokens},
      {"score", &table.score},
      {"weight", &table.weight},
  };
  std::vector<std::string> header;
  std::vector<std::string> cells;
  read_cells(header);
  while (read_cells(cells)) {
    for (std::size_t column = 0; column < cells.size(); ++column) {
      const auto number = numbers.find(header[column]);
      if (number != numbers.end()) number->second->push_back(std::stod(cells[column]));
      if (header[column] == "cluster") table.cluster.push_back(cells[column]);
    }
  }
  return table;
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_KERNELS_REAL_DATA_H_
