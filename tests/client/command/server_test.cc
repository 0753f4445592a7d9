#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <vector>

#include "tests/client/command/ctxfit_fixture.h"
#include "tests/client/command/run_command.h"

namespace ctxfit {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// Fixture that runs the command line against its own ctxfitd.
class ServerTest : public CtxfitTest {
 protected:
  ServerTest()
      : server_({CTXFITD_BINARY, "--listen", "127.0.0.1:0", "--port-file", Path("port"), "--log-level", "trace"}) {
    for (int i = 0; i < 3000 && !std::filesystem::exists(Path("port")); ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_TRUE(std::filesystem::exists(Path("port"))) << server_.Err();
    address_ = "127.0.0.1:" + std::to_string(std::atoi(Read(Path("port")).c_str()));
  }

  std::vector<std::string> WithServer(std::vector<std::string> command) const {
    command.insert(command.end(), {"--server", address_});
    return command;
  }

  RunningCommand server_;
  std::string address_;
};

TEST_F(ServerTest, RemoteFitEqualsInProcessFit) {
  const std::vector<std::string> command = {"fit", Data("natural_questions_shots.csv"), Data("ruler.csv"), "--format",
                                            "json"};
  EXPECT_EQ(WithoutDurations(RunForJson(WithServer(command))), WithoutDurations(RunForJson(command)));
}

TEST_F(ServerTest, RemotePredictionEqualsInProcessPrediction) {
  ASSERT_EQ(Run({"fit", Data("natural_questions_shots.csv"), "--out", Path("fit.json")}).exit_code, 0);
  const std::vector<std::string> command = {"predict",  Path("fit.json"), "--compute", "1e23,1e25", "--prompt",
                                            "100,1000", "--context",      "4096",      "--format",  "json"};
  EXPECT_EQ(RunForJson(WithServer(command)), RunForJson(command));
}

TEST_F(ServerTest, RequestsAndResponsesMayExceedFourMebibytes) {
  ASSERT_EQ(Run({"simulate", "--records", "200000", "--out", Path("many.csv")}).exit_code, 0);
  const json response = RunForJson(
      WithServer({"fit", Path("many.csv"), "--format", "json", "--replicates", "20", "--out", Path("fit.json")}));
  EXPECT_EQ(response["fits"][0]["goodness"]["record_count"], "200000");
  std::string prompts = "1";
  for (int i = 2; i <= 20000; ++i) prompts.append(",").append(std::to_string(i));
  const json predictions = RunForJson(WithServer({"predict", Path("fit.json"), "--compute", "1e22,1e23,1e24",
                                                  "--context", "4096,8192", "--prompt", prompts, "--format", "json"}));
  EXPECT_EQ(predictions["predictions"]["score"].size(), 120000u);
}

TEST_F(ServerTest, ServerErrorNamesFileAndLineOfTheRow) {
  const std::string path =
      Write("bad.csv", "training_compute_flops,prompt_tokens,context_limit_tokens,score\n1e22,10,4096,1.2\n");
  const CommandResult result = Run(WithServer({"fit", path}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr(path + ":2: score = 1.2: must be"));
}

TEST_F(ServerTest, NamesAServerThatHasShutDown) {
  server_.Signal(SIGTERM);
  EXPECT_EQ(server_.Wait().exit_code, 0);
  const CommandResult result = Run(WithServer({"fit", Data("ruler.csv")}));
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("no service at " + address_));
}

TEST_F(ServerTest, InterruptCancelsTheFitOnTheServer) {
  ASSERT_EQ(Run({"simulate", "--records", "20000", "--crossed", "--out", Path("long.csv")}).exit_code, 0);
  RunningCommand fit(Command(WithServer({"fit", Path("long.csv"), "--resample", "record", "--replicates", "100000"})));
  ASSERT_TRUE(server_.AwaitErr("event=refinement ")) << server_.Err();
  fit.Signal(SIGINT);
  EXPECT_EQ(fit.Wait().exit_code, 130);
  EXPECT_TRUE(server_.AwaitErr("status=CANCELLED")) << "a fit of minutes goes on: " << server_.Err();
}

}  // namespace
}  // namespace ctxfit
