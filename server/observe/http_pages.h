#ifndef CTXFIT_SERVER_OBSERVE_HTTP_PAGES_H_
#define CTXFIT_SERVER_OBSERVE_HTTP_PAGES_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace ctxfit {

// A page: its HTTP status, 200, 404 or 503, and its text.
struct HttpPage {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string text;
};

// Makes the page at a path; `query` is what stands behind the question mark. Called from several threads at once.
using HttpHandler = std::function<HttpPage(const std::string& path, const std::string& query)>;

// Serves pages over HTTP, for Prometheus and probes, on two threads of its own.
class HttpPages {
 public:
  virtual ~HttpPages() = default;
  virtual int port() const = 0;

  // Listens on `address`, HOST:PORT, where HOST may be an IPv6 address in brackets, and port 0 takes a free one. An
  // exception of the handler is status 500. UNAVAILABLE where the port cannot be had.
  static absl::StatusOr<std::unique_ptr<HttpPages>> Listen(const std::string& address, HttpHandler handler);
};

}  // namespace ctxfit

#endif  // CTXFIT_SERVER_OBSERVE_HTTP_PAGES_H_
