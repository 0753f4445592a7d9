#include "tests/server/random_requests.h"

#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "tests/hang_guard.h"
#include "tests/server/answer_faults.h"
#include "tests/server/server_fixture.h"

namespace ctxfit {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The number of tables in a run that does not say: some five seconds of a release.
constexpr int kTables = 300 / kSlowdown;

int FromEnvironment(const char* name, int otherwise) {
  const char* const value = std::getenv(name);
  return value == nullptr ? otherwise : std::atoi(value);
}

std::string NameOf(int status_code) { return absl::StatusCodeToString(static_cast<absl::StatusCode>(status_code)); }

void AddFieldNames(const Descriptor& type, std::set<std::string>& names) {
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    if (names.insert(field.name()).second && field.message_type() != nullptr) {
      AddFieldNames(*field.message_type(), names);
    }
  }
}

// True if `text` contains the name of a field of that kind of request.
bool NamesAField(const Descriptor& request, const std::string& text) {
  std::set<std::string> names;
  AddFieldNames(request, names);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& name) { return absl::StrContains(text, name); });
}

std::string ToText(const Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) return message.ShortDebugString();
  return json;
}

// Calls every rpc with the requests about random tables, and checks every answer.
class RandomRequestsTest : public ServerTest {
 protected:
  void Check(int number) {
    number_ = number;
    requests_ = MakeRandomRequests(number);
    v1::FitResponse fitted;
    Call("Fit", requests_.fit, fitted, [this](auto... call) { return fitting_->Fit(call...); });
    CheckStream();
    v1::AblateResponse ablated;
    Call("Ablate", requests_.ablate, ablated, [this](auto... call) { return fitting_->Ablate(call...); });
    v1::CompareResponse compared;
    Call("Compare", requests_.compare, compared, [this](auto... call) { return fitting_->Compare(call...); });
    for (const v1::Fit& fit : fitted.fits()) CheckPlanning(fit);
    if (fitted.fits().empty()) return;
    *requests_.evaluate.mutable_fits() = fitted.fits();
    v1::EvaluateResponse evaluated;
    Call("Evaluate", requests_.evaluate, evaluated, [this](auto... call) { return planning_->Evaluate(call...); });
  }

  // The number of answers by rpc and status code.
  const std::map<std::pair<std::string, int>, int>& answers() const { return answers_; }

 private:
  void CheckStream() {
    grpc::ClientContext context;
    const auto reader = fitting_->StreamFit(&context, requests_.stream_fit);
    v1::StreamFitResponse message;
    std::vector<std::string> faults;
    while (reader->Read(&message)) AddFaults(message, faults);
    Report("StreamFit", requests_.stream_fit, reader->Finish(), std::move(faults));
  }

  void CheckPlanning(const v1::Fit& fit) {
    *requests_.predict.mutable_fit() = fit;
    v1::PredictResponse predicted;
    Call("Predict", requests_.predict, predicted, [this](auto... call) { return planning_->Predict(call...); });
    for (v1::SolveRequest* const request : {&requests_.solve_compute, &requests_.solve_prompt}) {
      *request->mutable_fit() = fit;
      v1::SolveResponse solved;
      Call("Solve", *request, solved, [this](auto... call) { return planning_->Solve(call...); });
    }
  }

  template <class Request, class Response, class Method>
  void Call(const std::string& rpc, const Request& request, Response& response, const Method& method) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + kHangGuard));
    const grpc::Status status = method(&context, request, &response);
    std::vector<std::string> faults;
    AddFaults(response, faults);
    Report(rpc, request, status, std::move(faults));
  }

  // An interval needs a width, unless a warning of the answer says that it has none.
  static void AddFaults(const Message& answer, std::vector<std::string>& faults) {
    const IntervalRule rule = absl::StrContains(answer.ShortDebugString(), "have no width") ? IntervalRule::kOrdered
                                                                                            : IntervalRule::kHasWidth;
    for (std::string& fault : FaultsOf(answer, rule)) faults.push_back(std::move(fault));
  }

  // Fails for faults of an answer, and for an error that is not the caller's or names no field.
  void Report(const std::string& rpc, const Message& request, const grpc::Status& status,
              std::vector<std::string> faults) {
    ++answers_[{rpc, status.error_code()}];
    const bool is_of_caller = status.error_code() == grpc::StatusCode::INVALID_ARGUMENT ||
                              status.error_code() == grpc::StatusCode::FAILED_PRECONDITION;
    if (!status.ok() && !(is_of_caller && NamesAField(*request.GetDescriptor(), status.error_message()))) {
      faults.push_back(absl::StrCat("status ", NameOf(status.error_code()), ": ", status.error_message()));
    }
    if (faults.empty()) return;
    ADD_FAILURE() << "CTXFIT_RANDOM_TABLE=" << number_ << " rows=" << requests_.fit.observations().score_size() << " "
                  << rpc << ": " << absl::StrJoin(faults, "\n    ") << "\n  " << TextOf(request);
  }

  // The request in JSON; where it asks about a fit, the fit's request as well, and the fit itself left out.
  std::string TextOf(const Message& request) const {
    std::unique_ptr<Message> shortened(request.New());
    shortened->CopyFrom(request);
    for (const char* const name : {"fit", "fits"}) {
      const FieldDescriptor* const field = request.GetDescriptor()->FindFieldByName(name);
      if (field == nullptr) continue;
      shortened->GetReflection()->ClearField(shortened.get(), field);
      return absl::StrCat(ToText(*shortened), "\n  about the fit of ", ToText(requests_.fit));
    }
    return ToText(*shortened);
  }

  int number_ = 0;
  RandomRequests requests_;
  std::map<std::pair<std::string, int>, int> answers_;
};

// CTXFIT_RANDOM_TABLES sets the number of tables; CTXFIT_RANDOM_TABLE runs the one with that number alone.
TEST_F(RandomRequestsTest, EveryAnswerIsFiniteAndInOrderOrAnErrorThatNamesItsField) {
  const int only = FromEnvironment("CTXFIT_RANDOM_TABLE", -1);
  const int end = only < 0 ? FromEnvironment("CTXFIT_RANDOM_TABLES", kTables) : only + 1;
  for (int number = std::max(only, 0); number < end; ++number) Check(number);
  for (const auto& [key, count] : answers()) {
    std::printf("ANSWERS %s %s %d\n", key.first.c_str(), NameOf(key.second).c_str(), count);
  }
}

TEST(RandomRequestsOfANumberTest, RequestsOfANumberAreTheSameInEveryRun) {
  EXPECT_EQ(ToText(MakeRandomRequests(7).fit), ToText(MakeRandomRequests(7).fit));
  EXPECT_NE(ToText(MakeRandomRequests(7).fit), ToText(MakeRandomRequests(8).fit));
}

TEST(FaultsOfTest, FaultsAreNumbersThatAreNotFiniteAndIntervalsUpsideDownOrWithoutWidth) {
  v1::Fit fit;
  fit.mutable_goodness()->set_mae(std::nan(""));
  v1::Estimate& estimate = *fit.add_estimates();
  estimate.set_lower(2);
  estimate.set_upper(1);
  estimate.set_profile_lower(1e9);
  estimate.set_profile_upper(HUGE_VAL);
  estimate.set_sandwich_lower(3);
  estimate.set_sandwich_upper(3);
  EXPECT_EQ(FaultsOf(fit, IntervalRule::kOrdered),
            (std::vector<std::string>{"estimates[0].lower[0] = 2: above its upper end 1",
                                      "estimates[0].profile_upper[0] = inf", "goodness.mae[0] = nan"}));
  EXPECT_EQ(FaultsOf(fit, IntervalRule::kHasWidth).size(), 4u);
  v1::Bound& bound = *fit.mutable_provenance()->mutable_options()->add_bounds();
  bound.set_upper(3);
  EXPECT_EQ(FaultsOf(fit, IntervalRule::kHasWidth).size(), 3u) << "held at its bound";

  v1::Predictions predictions;
  predictions.add_mean_lower(0.1);
  predictions.add_mean_lower(0.5);
  predictions.add_mean_upper(0.25);
  predictions.add_mean_upper(0.25);
  EXPECT_EQ(FaultsOf(predictions, IntervalRule::kHasWidth),
            (std::vector<std::string>{"mean_lower[1] = 0.5: above its upper end 0.25"}));
}

}  // namespace
}  // namespace ctxfit
