#include "server/observe/http_pages.h"

#include <CivetServer.h>

#include <exception>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "kernels/base/catch_exceptions.h"

namespace ctxfit {
namespace {

class Civet : public HttpPages, private CivetHandler {
 public:
  Civet(const std::string& address, HttpHandler handler)
      : handler_(std::move(handler)),
        server_(std::vector<std::string>{"listening_ports", address, "num_threads", "2", "keep_alive_timeout_ms", "500",
                                         "request_timeout_ms", "5000"}) {
    server_.addHandler("/", this);  // and all paths below
  }

  int port() const override { return server_.getListeningPorts().front(); }

 private:
  bool handleGet(CivetServer*, mg_connection* connection) override {
    const mg_request_info* const request = mg_get_request_info(connection);
    HttpPage page;
    const absl::Status made = CatchExceptions([&] {
      page = handler_(request->local_uri, request->query_string == nullptr ? "" : request->query_string);
      return absl::OkStatus();
    });
    if (!made.ok()) page = {500, "text/plain; charset=utf-8", absl::StrCat(made.message(), "\n")};
    // Not by mg_printf(), which takes much of the 100 KiB of stack that civetweb gives its threads.
    const std::string head =
        absl::StrCat("HTTP/1.1 ", page.status, " ", mg_get_response_code_text(connection, page.status),
                     "\r\nContent-Type: ", page.content_type, "\r\nContent-Length: ", page.text.size(),
                     "\r\nConnection: close\r\n\r\n");
    mg_write(connection, head.data(), head.size());
    mg_write(connection, page.text.data(), page.text.size());
    return true;
  }

  const HttpHandler handler_;
  mutable CivetServer server_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpPages>> HttpPages::Listen(const std::string& address, HttpHandler handler) {
  try {
    return std::make_unique<Civet>(address, std::move(handler));
  } catch (const std::exception& exception) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": is the port taken?"));
  }
}

}  // namespace ctxfit
