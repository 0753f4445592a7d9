#ifndef CTXFIT_TESTS_SERVER_ANSWER_FAULTS_H_
#define CTXFIT_TESTS_SERVER_ANSWER_FAULTS_H_

#include <google/protobuf/message.h>

#include <string>
#include <vector>

namespace ctxfit {

// Rules about intervals in an answer.
enum class IntervalRule {
  kOrdered,   // no lower end lies above its upper end
  kHasWidth,  // nor does it equal it, unless it is a number at which something is held: a bound, a fixed value, 0 or 1
};

// The numbers of `answer` that no answer may hold: those that are NaN or infinite, and the intervals that break `rule`,
// in any field of any message within it. An interval is a pair of fields X_lower and X_upper, or lower and upper.
std::vector<std::string> FaultsOf(const google::protobuf::Message& answer, IntervalRule rule);

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_ANSWER_FAULTS_H_
