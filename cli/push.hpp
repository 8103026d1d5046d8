#pragma once

#include "cli/program.hpp"
#include "report/document.hpp"

#include "http/url.hpp"

namespace gpubench::cli {

/// Where results are pushed to: a Pushgateway's address, or one with a grouping key of its own
/// (".../metrics/job/NAME/...").
http::url parse_pushgateway(const std::string& text);

/// Puts a run's gauges, as --format prometheus writes them, in place of those of the same group: job "gpubench" and
/// this host's name as instance, unless the address names a group.
/// @throws error: environment where the gateway cannot be reached or refuses; what was measured is in its file by then.
void push_results(const global_options& global, const http::url& gateway, const report::document& document);

}  // namespace gpubench::cli
