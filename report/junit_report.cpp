#include "core/text.hpp"
#include "report/capacity.hpp"
#include "report/escaping.hpp"
#include "report/figures.hpp"
#include "report/measured.hpp"
#include "report/sentences.hpp"
#include "report/serving.hpp"
#include "report/sink.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

namespace gpubench::report {
namespace {

using results::measurement;
using results::measurement_status;

enum class outcome { ok, failure, skipped };

struct test_case {
  std::string group, name;
  outcome ended = outcome::ok;
  std::string type = {};     ///< of a failure
  std::string message = {};  ///< why it failed or was skipped; of a good one, its figure
  std::optional<double> seconds = {};
};

test_case case_of(const measurement& m) {
  test_case tested{fmt::format("gpubench.{}.{}", m.backend, m.device), results::full_name(m)};
  if (const auto ns = results::typical_time_ns(m); ns && std::isfinite(*ns)) tested.seconds = *ns * 1e-9;
  const bool wrong = m.verification && !m.verification->passed();
  if (m.status == measurement_status::skipped) {
    tested.ended = outcome::skipped;
    tested.message = m.reason;
  } else if (wrong || m.status == measurement_status::failed) {
    tested.ended = outcome::failure;
    tested.type = wrong ? "wrong result" : "failed";
    tested.message = m.reason.empty() && wrong ? m.verification->compared : m.reason;
  } else if (const auto figure = figure_of(m)) {
    tested.message = fmt::format("{} {}", with_interval(figure->value, figure->low, figure->high), figure->unit);
    for (const auto& flag : flags_of(m)) tested.message += "; " + flag;
  }
  return tested;
}

test_case answer_case(const std::string& kind, const profiles::workload& work, bool feasible, const std::string& said) {
  return {"gpubench." + kind, work.name, feasible ? outcome::ok : outcome::failure, "infeasible", said};
}

void write_case(const test_case& tested, std::ostream& out) {
  out << fmt::format("    <testcase classname=\"{}\" name=\"{}\"", xml_escape(tested.group), xml_escape(tested.name));
  if (tested.seconds) out << fmt::format(" time=\"{:.9f}\"", *tested.seconds);
  out << ">\n";
  const auto message = xml_escape(tested.message);
  if (tested.ended == outcome::failure)
    out << fmt::format("      <failure type=\"{0}\" message=\"{0}: {1}\">{1}</failure>\n", tested.type, message);
  else if (tested.ended == outcome::skipped)
    out << fmt::format("      <skipped message=\"{}\"/>\n", message);
  else if (!message.empty())
    out << fmt::format("      <system-out>{}</system-out>\n", message);
  out << "    </testcase>\n";
}

void write_suite(const std::string& name, const std::string& time, const std::vector<test_case>& cases,
                 std::ostream& out) {
  std::size_t failures = 0, skipped = 0;
  for (const auto& tested : cases) {
    failures += tested.ended == outcome::failure ? 1 : 0;
    skipped += tested.ended == outcome::skipped ? 1 : 0;
  }
  out << fmt::format("  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"",
                     xml_escape(name), cases.size(), failures, skipped);
  // The schema's times have no zone.
  if (time.size() >= 19) out << fmt::format(" timestamp=\"{}\"", xml_escape(time.substr(0, 19)));
  out << ">\n";
  for (const auto& tested : cases) write_case(tested, out);
  out << "  </testsuite>\n";
}

void write(const document& content, const style&, std::ostream& out) {
  out << "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"gpubench\">\n";
  std::vector<test_case> answers;
  for (const auto& answer : content.recommendations) {
    const auto said = sentences_of(answer);
    answers.push_back(answer_case("recommendation", answer.workload, said.feasible, said.rent));
  }
  for (const auto& answer : content.services)
    answers.push_back(answer_case("service", answer->workload, !answer->ranked.empty(), sentences_of(*answer).rent));
  for (const auto& planned : content.plans) {
    const auto said = sentences_of(planned);
    answers.push_back(answer_case("plan", planned.workload, said.feasible, said.rent));
  }
  if (!answers.empty()) write_suite("what to rent", content.made_at, answers, out);
  for (const auto& shown : content.runs) {
    std::vector<test_case> cases;
    for (const auto& m : shown.run->measurements) cases.push_back(case_of(m));
    write_suite(shown.label.empty() ? shown.file : shown.label, shown.run->started_at, cases, out);
  }
  out << "</testsuites>\n";
}

const sink_registration registered{{.name = "junit",
                                    .description = "JUnit XML: a test for each measurement and answer, for CI systems",
                                    .write = write,
                                    .ending = ".xml"}};

}  // namespace
}  // namespace gpubench::report
