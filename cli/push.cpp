#include "cli/push.hpp"

#include "cli/output.hpp"
#include "core/encoding.hpp"
#include "core/error.hpp"
#include "core/host_name.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <sstream>

#include "http/client.hpp"

namespace gpubench::cli {
namespace {

/// The group is in the path: Prometheus, Pushgateway, "API".
std::string target_of(const http::url& gateway) {
  if (gateway.path.find("/metrics/job") != std::string::npos) return "";
  return fmt::format("/metrics/job/gpubench/instance/{}", http::percent_encode(host_name()));
}

}  // namespace

http::url parse_pushgateway(const std::string& text) {
  return http::parse_url(text);
}

void push_results(const global_options& global, const http::url& gateway, const report::document& document) {
  std::ostringstream text;
  report::style whole;
  whole.max_rows = 0;
  report::find_sink("prometheus").write(document, whole, text);
  const auto target = target_of(gateway);
  const auto answer =
      http::put(gateway, target, text.str(), "text/plain; version=0.0.4; charset=utf-8", "the Pushgateway");
  if (answer.status < 200 || answer.status > 299) {
    const auto why = printable(answer.body.substr(0, answer.body.find('\n')).substr(0, 200));
    throw error(error_kind::environment,
                fmt::format("the Pushgateway at {} refused the results (status {}){}{}", gateway.shown() + target,
                            answer.status, why.empty() ? "" : ": ", why),
                "is it a Pushgateway, with the prefix that it is served under?");
  }
  // Proxies and portals answer anything with 200; a Pushgateway's own answer is empty.
  if (answer.is_web_page())
    throw error(error_kind::environment,
                fmt::format("{} answers with a web page (status {}), not as a Pushgateway does: nothing was pushed",
                            gateway.shown() + target, answer.status),
                "give the address of the Pushgateway, with the prefix that it is served under");
  say(global, labelled("Pushed", gateway.shown() + target));
}

}  // namespace gpubench::cli
