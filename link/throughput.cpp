#include "link/throughput.hpp"

#include "core/error.hpp"
#include "core/json.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "results/json_field.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <thread>

namespace gpubench::link {

namespace {

constexpr const char* document_name = "the output of iperf3";
constexpr double bits_per_byte = 8;

std::vector<std::string> common_arguments(const iperf_options& options, direction way) {
  std::vector<std::string> arguments{"iperf3",
                                     "--client",
                                     options.host,
                                     "--port",
                                     std::to_string(options.port),
                                     "--time",
                                     std::to_string(options.seconds),
                                     "--json",
                                     "--connect-timeout",
                                     "5000"};
  if (way == direction::down) arguments.emplace_back("--reverse");
  return arguments;
}

/// The document, unless it says why nothing was measured.
json read_document(const std::string& text) {
  json document = parse_foreign_json(text, document_name);
  if (document.is_object() && document.contains("error")) {
    const auto& reason = document["error"];
    throw error(error_kind::device,
                "iperf3 measured nothing: " + (reason.is_string() ? reason.get<std::string>() : reason.dump()),
                "on the other machine: iperf3 --server; see that its port is open");
  }
  return document;
}

std::string run_iperf(std::vector<std::string> arguments, int seconds) {
  if (!is_program("iperf3"))
    throw error(error_kind::environment, "iperf3 is not installed, with which throughput is measured",
                "apt-get install iperf3, here and on the other machine; or --no-throughput");
  // A server that stops to answer would keep iperf3 waiting for minutes.
  if (is_program("timeout")) {
    const std::vector<std::string> limit{"timeout", std::to_string(seconds + 20)};
    arguments.insert(arguments.begin(), limit.begin(), limit.end());
  }
  constexpr int timed_out = 124;
  const auto done = run_process(arguments);
  if (done.exit_code == timed_out)
    throw error(error_kind::device, fmt::format("iperf3 did not end within {} s", seconds + 20),
                "the server stopped to answer: restart iperf3 --server there");
  if (trim(done.output).empty())
    throw error(error_kind::device,
                fmt::format("iperf3 ended with {} and printed nothing{}", done.exit_code,
                            trim(done.errors).empty() ? "" : ": " + std::string(trim(done.errors))));
  return done.output;
}

/// What another program printed is none of the user's input: text that cannot be read is a failed measurement.
template <class Parse>
auto parsed(const std::string& output, Parse parse) {
  try {
    return parse(output);
  } catch (const error& e) {
    if (e.kind() != error_kind::input) throw;
    throw error(error_kind::device, fmt::format("{} cannot be read: {}", e.where().to_string(), e.what()),
                "see what it prints: iperf3 --client HOST --json");
  }
}

using patience_clock = std::chrono::steady_clock;

patience_clock::time_point patience_from_now(int seconds) {
  return patience_clock::now() + std::chrono::seconds(seconds + 5);
}

/// A server measures for one client at a time, and where packets are lost it learns late that the client before has
/// gone, which may have been ours: so one that is busy is asked again for a while.
template <class Parse>
auto measured_when_free(const std::vector<std::string>& arguments, int seconds, patience_clock::time_point patience,
                        Parse parse) {
  for (;;) {
    const std::string output = run_iperf(arguments, seconds);
    try {
      return parsed(output, parse);
    } catch (const error& e) {
      const bool busy = std::string_view(e.what()).find("server is busy") != std::string_view::npos;
      if (!busy || patience_clock::now() > patience) throw;
    }
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace

std::vector<std::string> tcp_arguments(const iperf_options& options, direction way) {
  return common_arguments(options, way);
}

std::vector<std::string> udp_arguments(const iperf_options& options, direction way, double bits_per_second) {
  auto arguments = common_arguments(options, way);
  arguments.insert(arguments.end(), {"--udp", "--bitrate", fmt::format("{:.0f}", bits_per_second)});
  return arguments;
}

tcp_throughput parse_tcp(const std::string& text) {
  const json document = read_document(text);
  const std::string file = document_name;
  const results::json_field root(document, file, &text);
  const auto end = root.at("end");
  tcp_throughput measured;
  measured.bytes_per_second = end.at("sum_received").at("bits_per_second").number_from(0) / bits_per_byte;
  if (const auto count = end.at("sum_sent").find("retransmits")) measured.retransmits = count->integer(0);
  return measured;
}

udp_throughput parse_udp(const std::string& text) {
  const json document = read_document(text);
  const std::string file = document_name;
  const results::json_field root(document, file, &text);
  const auto sum = root.at("end").at("sum");
  udp_throughput measured;
  measured.sent_bytes_per_second = sum.at("bits_per_second").number_from(0) / bits_per_byte;
  // Packets that overtake others make iperf3 count fewer lost than none.
  measured.lost_fraction = std::clamp(sum.at("lost_percent").number() / 100, 0.0, 1.0);
  measured.jitter_ns = sum.at("jitter_ms").number_from(0) * 1e6;
  return measured;
}

tcp_throughput measure_tcp(const iperf_options& options, direction way) {
  return measured_when_free(tcp_arguments(options, way), options.seconds, patience_from_now(options.seconds),
                            parse_tcp);
}

udp_throughput measure_udp(const iperf_options& options, direction way, double bits_per_second) {
  // One lost datagram of its opening and iperf3 gives up, or waits for ever.
  constexpr int attempts = 4;
  const auto patience = patience_from_now(options.seconds);
  for (int attempt = 1;; ++attempt) {
    try {
      return measured_when_free(udp_arguments(options, way, bits_per_second), options.seconds, patience, parse_udp);
    } catch (const error& e) {
      if (e.kind() != error_kind::device || attempt == attempts) throw;
    }
  }
}

}  // namespace gpubench::link
