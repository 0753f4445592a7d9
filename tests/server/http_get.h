#ifndef CTXFIT_TESTS_SERVER_HTTP_GET_H_
#define CTXFIT_TESTS_SERVER_HTTP_GET_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <string>

namespace ctxfit {

// An answer over HTTP: its status, 0 where there was none, its head and its text.
struct HttpAnswer {
  int status = 0;
  std::string head;
  std::string text;
};

// Gets `path` from a port of the loopback interface.
inline HttpAnswer HttpGet(const std::string& port, const std::string& path) {
  const int connection = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(port.c_str())));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request = "GET " + path + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    send(connection, request.data(), request.size(), MSG_NOSIGNAL);
    char buffer[4096];
    for (ssize_t size = 0; (size = recv(connection, buffer, sizeof(buffer), 0)) > 0;) answer.append(buffer, size);
  }
  close(connection);
  const std::size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos || answer.size() < 12) return {};
  return {std::atoi(answer.c_str() + 9), answer.substr(0, end), answer.substr(end + 4)};
}

}  // namespace ctxfit

#endif  // CTXFIT_TESTS_SERVER_HTTP_GET_H_
