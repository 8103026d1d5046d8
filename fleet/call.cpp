#include "fleet/call.hpp"

#include "core/encoding.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <string_view>

namespace gpubench::fleet {
namespace {

// "env", "--unset=A", "B=c", "squeue", ...: behind a leading env the program is the first that sets nothing.
const std::string& program_of(const std::vector<std::string>& words) {
  if (words.front() != "env") return words.front();
  const auto is_setting = [](const std::string& word) { return word.find('=') != std::string::npos; };
  const auto found = std::find_if_not(words.begin() + 1, words.end(), is_setting);
  return found == words.end() ? words.front() : *found;
}

struct known_refusal {
  std::string_view words;  ///< lower case
  const char* hint;
};

constexpr std::array<known_refusal, 15> known_refusals{{
    {"unable to contact", "the engine does not answer: see that it runs and that this machine may reach it"},
    {"connection refused", "the engine does not answer: see that it runs and that this machine may reach it"},
    {"connection timed out", "no answer: see the address, and the firewalls between"},
    {"could not resolve", "see the name of the host"},
    {"no route to host", "see the address, and the network between"},
    {"host key verification failed", "log in to it once by hand, or add its key to known_hosts"},
    {"permission denied", "the engine refuses this user: see the account, the keys and the rights"},
    {"forbidden", "the engine refuses this user: see the account and its role"},
    {"unauthorized", "log in to the engine first"},
    {"invalid job array specification",
     "task numbers must be below MaxArraySize, which scontrol show config tells: render several campaigns of fewer "
     "nodes"},
    {"quota", "ask for more, for fewer nodes, or wait until others have ended"},
    {"limit", "ask for fewer nodes or less time, or another partition, account or QOS"},
    {"invalid account", "name the account to be charged: --set account=NAME"},
    {"invalid partition", "name one of those that sinfo lists: --set partition=NAME"},
    {"invalid qos", "name one that this account may use: --set qos=NAME"},
}};

}  // namespace

std::chrono::seconds asking_limit() {
  constexpr std::chrono::seconds usual{120}, longest{86400};
  const char* own = std::getenv("GPUBENCH_ENGINE_SECONDS");
  const auto seconds = own == nullptr ? std::nullopt : parse_integer(own);
  if (!seconds || *seconds <= 0) return usual;
  return std::min(std::chrono::seconds(*seconds), longest);
}

std::chrono::seconds handing_over_limit() {
  return 5 * asking_limit();
}

process_result call(const std::vector<std::string>& words, const std::string& missing_hint,
                    std::optional<std::chrono::seconds> limit) {
  const auto& program = program_of(words);
  if (program.find('/') == std::string::npos && !is_program(program))
    throw error(error_kind::environment, fmt::format("{} is not installed here, or not in PATH", program),
                missing_hint);
  return run_process(words, limit);
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const unsigned char c : trim(text)) {
    if (c == '\n')
      line += "; ";
    else
      line += c < 0x20 || c == 0x7f ? ' ' : static_cast<char>(c);
  }
  constexpr std::size_t longest = 600;
  if (line.size() <= longest) return valid_utf8(line);
  std::size_t end = longest;
  for (int bytes = 0; bytes < 3 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80; ++bytes) --end;
  return valid_utf8(line.substr(0, end)) + " ...";  // a character is kept whole or left out
}

error refusal(const std::vector<std::string>& words, const process_result& done,
              std::optional<std::chrono::seconds> limit) {
  if (done.timed_out)
    return {error_kind::environment,
            fmt::format("{} did not answer {}", program_of(words),
                        limit ? fmt::format("within {} s", limit->count()) : "in time"),
            "what it calls hangs: see whether it answers when it is called by hand; one that is only slow gets more "
            "time by GPUBENCH_ENGINE_SECONDS"};
  const auto said = one_line(done.errors.empty() ? done.output : done.errors);
  const auto lower = to_lower(said);
  const auto known = std::find_if(known_refusals.begin(), known_refusals.end(),
                                  [&](const known_refusal& one) { return lower.find(one.words) != std::string::npos; });
  return {error_kind::environment,
          fmt::format("{} failed with exit code {}: {}", program_of(words), done.exit_code,
                      said.empty() ? "it said nothing" : said),
          known == known_refusals.end() ? fmt::format("the call was: {}",
                                                      [&] {
                                                        std::vector<std::string> quoted;
                                                        for (const auto& word : words)
                                                          quoted.push_back(shell_word(word));
                                                        return join(quoted, " ");
                                                      }())
                                        : known->hint};
}

std::string require_call(const std::vector<std::string>& words, const std::string& missing_hint,
                         std::optional<std::chrono::seconds> limit) {
  const auto done = call(words, missing_hint, limit);
  if (done.exit_code != 0) throw refusal(words, done, limit);
  return done.output;
}

}  // namespace gpubench::fleet
