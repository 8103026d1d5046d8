#include "core/csv.hpp"
#include "core/error.hpp"
#include "core/json.hpp"
#include "report/html_parts.hpp"
#include "report/sink.hpp"
#include "report/text_width.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "fixtures.hpp"

namespace gpubench::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string written(const std::string& form, const test::fixture& from, const style& look = {}) {
  std::ostringstream out;
  find_sink(form).write(from.content, look, out);
  return out.str();
}

TEST(sinks, are_registered_by_name) {
  std::vector<std::string> names;
  for (const auto& form : sinks()) {
    names.push_back(form.name);
    EXPECT_FALSE(form.description.empty()) << form.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"csv", "google-benchmark", "html", "json", "junit", "markdown",
                                             "prometheus", "table", "xlsx"}));
}

TEST(sinks, name_the_known_forms_when_one_is_unknown) {
  try {
    find_sink("xml");
    FAIL() << "an unknown form was found";
  } catch (const error& refused) {
    EXPECT_EQ(refused.kind(), error_kind::usage);
    EXPECT_THAT(refused.what(), HasSubstr("'xml'"));
    EXPECT_THAT(refused.hint(),
                HasSubstr("csv, google-benchmark, html, json, junit, markdown, prometheus, table, xlsx"));
  }
}

TEST(sinks, write_every_case_without_a_value_that_is_no_number) {
  // "nan" and "inf" as words of their own; names of parts of speech hold them too.
  const std::regex no_number("(^|[^A-Za-z])-?(nan|inf|NaN|Infinity)([^A-Za-z]|$)");
  for (const auto& from : test::all_fixtures())
    for (const auto& form : sinks()) {
      std::string text = written(form.name, from);
      if (form.name == "html") text = text.substr(0, text.find("<script>"));  // Chart.js may speak of NaN
      if (form.binary) continue;                                              // xlsx_test.py reads it back
      EXPECT_FALSE(text.empty()) << form.name << ' ' << from.name;
      EXPECT_FALSE(std::regex_search(text, no_number)) << form.name << ' ' << from.name;
    }
}

TEST(sinks, tell_the_same_main_facts_in_every_form) {
  const auto full = test::full_report();
  for (const std::string form : {"table", "json", "csv", "markdown", "html"}) {
    const std::string text = written(form, full);
    for (const char* fact : {"g6.12xlarge", "eu-west-1", "memory", "gemm_fp32", "stream_triad"})
      EXPECT_THAT(text, HasSubstr(fact)) << form;
  }
  for (const std::string form : {"table", "json", "markdown", "html"}) {
    const std::string text = written(form, full);
    for (const char* fact : {"if the deadline were under 9 h", "interruptions are not in the time",
                             "the CPU has neither AMX nor AVX512-BF16"})
      EXPECT_THAT(text, HasSubstr(fact)) << form;
  }
}

TEST(google_benchmark, has_every_sample_as_a_repetition_with_its_rates) {
  const auto from = test::full_report();
  const auto document = json::parse(written("google-benchmark", from));
  const auto& first = from.content.run()->measurements.front();
  std::vector<json> repetitions;
  for (const auto& entry : document["benchmarks"])
    if (entry["name"] == results::full_name(first)) repetitions.push_back(entry);
  ASSERT_EQ(repetitions.size(), first.samples_ns.size());
  for (std::size_t i = 0; i < repetitions.size(); ++i) {
    EXPECT_EQ(repetitions[i]["repetition_index"], i);
    EXPECT_EQ(repetitions[i]["real_time"], first.samples_ns[i]);
    EXPECT_EQ(repetitions[i]["time_unit"], "ns");
    EXPECT_DOUBLE_EQ(repetitions[i]["flop_per_second"], *first.work.flop / first.samples_ns[i] * 1e9);
  }
}

TEST(google_benchmark, has_no_samples_of_a_wrong_result) {
  results::run run;
  results::measurement m;
  m.benchmark = "gemm";
  m.samples_ns = {2000};
  m.verification = results::verification{"one entry of C", 1, 0.1};
  run.measurements.push_back(m);
  shown_run shown;
  shown.run = &run;
  document content;
  content.runs = {shown};
  std::ostringstream out;
  find_sink("google-benchmark").write(content, {}, out);
  const auto entries = json::parse(out.str())["benchmarks"];
  ASSERT_EQ(entries.size(), 1u);
  EXPECT_TRUE(entries[0]["error_occurred"]);
}

TEST(google_benchmark, tells_devices_apart_and_why_something_has_no_time) {
  results::run run;
  run.tool_version = "0.1.0";
  for (const char* device : {"gpu0", "gpu1"}) {
    results::measurement m;
    m.benchmark = "copy";
    m.device = device;
    m.samples_ns = {2000};
    m.host_ns = {250};
    run.measurements.push_back(m);
  }
  run.measurements[1].samples_ns.clear();
  run.measurements[1].status = results::measurement_status::failed;
  run.measurements[1].reason = "out of memory";
  document content;
  shown_run shown;
  shown.run = &run;
  content.runs = {shown};
  std::ostringstream out;
  find_sink("google-benchmark").write(content, {}, out);
  const auto entries = json::parse(out.str())["benchmarks"];
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0]["name"], "copy/device:gpu0");
  EXPECT_EQ(entries[0]["real_time"], 2000);
  EXPECT_EQ(entries[0]["cpu_time"], 250);
  EXPECT_EQ(entries[1]["name"], "copy/device:gpu1");
  EXPECT_EQ(entries[1]["error_message"], "out of memory");
  EXPECT_FALSE(entries[1].contains("real_time"));
}

TEST(terminal, says_the_answer_first) {
  const std::string text = written("table", test::full_report());
  EXPECT_LT(text.find("Rent"), text.find("Because"));
  EXPECT_LT(text.find("Because"), text.find("It would be"));
  EXPECT_LT(text.find("It would be"), text.find("time h"));
  EXPECT_THAT(text, HasSubstr("aws g6.12xlarge spot (4 × L4), eu-west-1: 19.8 h (17.5–22.4), $61 ($54–$69)"));
  EXPECT_THAT(text, HasSubstr("$/M images"));
  EXPECT_THAT(text, HasSubstr("19.8 ±2.4"));
  EXPECT_THAT(text, HasSubstr("197: 96 over deadline, 61 out of memory, 40 without a checked price"));
  EXPECT_THAT(text, HasSubstr("ranks 1–3"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
}

TEST(terminal, has_a_line_for_the_best_cpu_when_it_is_not_among_the_rows) {
  style look;
  look.max_rows = 3;
  const std::string text = written("table", test::recommendations_only(), look);
  EXPECT_THAT(text, HasSubstr("CPU            aws c7i.48xlarge on-demand, us-east-1: 80 days"));
}

TEST(terminal, shows_each_offer_once_in_its_cheapest_region) {
  const std::string text = written("table", test::full_report());
  const auto table = text.substr(text.find("$/M images"));
  const auto first = table.find("g6.12xlarge spot");
  ASSERT_NE(first, std::string::npos);
  EXPECT_EQ(table.substr(0, table.find("\n\n")).find("g6.12xlarge spot", first + 1), std::string::npos);
}

TEST(terminal, stays_within_its_width) {
  for (const int width : {60, 80, 100, 140}) {
    style look;
    look.width = width;
    for (const auto& from : test::all_fixtures()) {
      std::istringstream lines(written("table", from, look));
      for (std::string line; std::getline(lines, line);) {
        // A single word may be longer than a line; the hostile text and URLs are such words.
        if (line.find_first_of(' ', line.find_first_not_of(' ')) == std::string::npos) continue;
        if (from.name == "hostile") continue;
        // Figures are never cut: three columns of them need 74.
        if (from.name == "several_runs" && width < 80) continue;
        EXPECT_LE(display_width(line), static_cast<std::size_t>(width)) << from.name << ": " << line;
      }
    }
  }
}

TEST(terminal, shows_rejected_offers_and_every_row_when_asked) {
  style look;
  look.show_rejected = look.wide = true;
  EXPECT_THAT(written("table", test::full_report(), look), HasSubstr("more, every region counted"));
  look.max_rows = 0;
  const std::string text = written("table", test::full_report(), look);
  EXPECT_THAT(text, HasSubstr("needs 31 GiB per GPU, has 24 GiB"));
  EXPECT_THAT(text, HasSubstr("ap-southeast-2"));
  EXPECT_THAT(text, Not(HasSubstr("… ")));
}

TEST(terminal, says_whose_peak_it_is_where_there_are_two_devices) {
  const std::string text = written("table", test::two_devices());
  EXPECT_THAT(text, HasSubstr("Peak           cpu dense peak fp32 154 GFLOP/s"));
  EXPECT_THAT(text, HasSubstr("Peak           gpu0 memory bandwidth 4.80 TB/s"));
  EXPECT_THAT(text, HasSubstr("Peak           gpu0 dense peak fp32 66.9 TFLOP/s"));
  const auto one = test::full_report();
  document run_alone = one.content;
  run_alone.recommendations.clear();
  std::ostringstream out;
  find_sink("table").write(run_alone, {}, out);
  EXPECT_THAT(out.str(), HasSubstr("Peak           dense peak fp32 154 GFLOP/s"));
}

TEST(roofline, of_several_runs_says_how_many_of_its_points_the_table_has) {
  std::vector<results::run> runs(2);
  document content;
  for (auto& run : runs) {
    for (int i = 0; i < 150; ++i) {
      results::measurement m;
      m.benchmark = "kernel_" + std::to_string(i);
      m.device = "cpu";
      m.work.flop = m.work.bytes = 1000;
      m.samples_ns = {100};
      results::complete(m);
      run.measurements.push_back(m);
    }
    content.runs.push_back({&run, "f.json", std::string(1, static_cast<char>('a' + content.runs.size()))});
  }
  const auto page = [&] {
    std::ostringstream out;
    find_sink("html").write(content, {}, out);
    return out.str();
  };
  EXPECT_THAT(page(), HasSubstr("Roofline plot of a, b with 300 points. The table below has the first 200."));
  EXPECT_THAT(page(), HasSubstr("The first 200 of 300 points"));
  for (auto& run : runs) run.measurements.resize(50);
  EXPECT_THAT(page(), HasSubstr("Roofline plot of a, b with 100 points. The table below has them."));
  EXPECT_THAT(page(), Not(HasSubstr("of 100 points;")));
}

TEST(roofline, of_each_device_has_only_its_own_ceilings_and_points) {
  const auto two = test::two_devices();
  const auto plots = chart_data(two.content).at("roofline");
  ASSERT_EQ(plots.size(), 2u);
  const auto& cpu = plots.at("1");
  ASSERT_EQ(cpu.at("peaks").size(), 1u);
  EXPECT_EQ(cpu.at("peaks")[0].at("value"), 153.6e9);
  ASSERT_EQ(cpu.at("bandwidths").size(), 1u);
  EXPECT_NEAR(cpu.at("bandwidths")[0].at("value").get<double>(), 21.4e9, 1e6);  // stream_read
  EXPECT_EQ(cpu.at("points").size(), 10u);  // 4 GEMM, triad, 4 convolutions, a network
  const auto& gpu = plots.at("2");
  ASSERT_EQ(gpu.at("peaks").size(), 1u);
  EXPECT_EQ(gpu.at("peaks")[0].at("value"), 66.9e12);
  ASSERT_EQ(gpu.at("bandwidths").size(), 2u);
  EXPECT_EQ(gpu.at("bandwidths")[0].at("value"), 4.8e12);
  EXPECT_NEAR(gpu.at("bandwidths")[1].at("value").get<double>(), 4.2e12, 1e9);
  EXPECT_EQ(gpu.at("points").size(), 2u);
  const std::string page = written("html", two);
  EXPECT_THAT(page, HasSubstr("<h3>Roofline of cpu: Intel(R) Xeon(R) Processor @ 2.40GHz</h3>"));
  EXPECT_THAT(page, HasSubstr("<h3>Roofline of gpu0: NVIDIA H200</h3>"));
  EXPECT_THAT(page, HasSubstr("gpu0 memory bandwidth, measured"));
}

TEST(watched, phase_and_throttling_stand_in_every_table) {
  const auto watched = test::watched_gpus();
  style wide;
  wide.width = 0;
  for (const auto* form : {"table", "markdown", "html", "csv"}) {
    const auto text = written(form, watched, wide);
    EXPECT_THAT(text, HasSubstr("soak")) << form;
    EXPECT_THAT(text, HasSubstr("ran under: sw")) << form;
    EXPECT_THAT(text, Not(HasSubstr("throttled: sw"))) << form;
  }
  style narrow;
  narrow.width = 100;
  EXPECT_THAT(written("table", watched, narrow), HasSubstr("3 of 11"));
}

TEST(watched, method_and_energy_stand_in_the_details) {
  const auto watched = test::watched_gpus();
  for (const auto* form : {"markdown", "html"}) {
    const auto text = written(form, watched);
    EXPECT_THAT(text, HasSubstr("How each figure came about")) << form;
    EXPECT_THAT(text, HasSubstr("690 of 700 W")) << form;
    EXPECT_THAT(text, HasSubstr("0.986 pJ/FLOP")) << form;  // 690 W / 700e12 FLOP/s
    EXPECT_THAT(text, HasSubstr("throttled after 1.25 s")) << form;
    EXPECT_THAT(text, HasSubstr("settled after 20.0 s")) << form;
  }
}

TEST(watched, a_collective_is_known_by_its_busbw) {
  const auto watched = test::watched_gpus();
  style wide;
  wide.width = 0;
  EXPECT_THAT(written("table", watched, wide), HasSubstr("GB/s busbw"));
  EXPECT_THAT(written("csv", watched), HasSubstr("busbw_bytes_per_second"));
}

TEST(watched, links_and_other_phases_are_no_ceilings_or_points_of_a_roofline) {
  const auto watched = test::watched_gpus();
  const auto plots = chart_data(watched.content).at("roofline");
  for (const auto& plot : plots) {
    EXPECT_EQ(plot.dump().find("link"), std::string::npos);
    EXPECT_EQ(plot.dump().find("soak"), std::string::npos);
  }
}

TEST(json, has_no_probability_without_a_deadline) {
  const auto read = [](const test::fixture& from) {
    return json::parse(written("json", from)).at("recommendations")[0];
  };
  const auto unlimited = read(test::recommendations_only());
  for (const auto& offer : unlimited.at("ranked")) EXPECT_TRUE(offer.at("probability_in_deadline").is_null());
  const auto limited = read(test::full_report());
  for (const auto& offer : limited.at("ranked")) EXPECT_GE(offer.at("probability_in_deadline"), 0.95);
  EXPECT_EQ(limited.at("limits").at("max_price_age_days"), 1096);
  EXPECT_EQ(limited.at("limits").at("max_spot_price_age_days"), 365);
}

TEST(terminal, cannot_be_driven_by_escape_sequences_in_names) {
  EXPECT_THAT(written("table", test::hostile()), Not(HasSubstr("\x1b")));
}

TEST(terminal, says_so_when_nothing_fits) {
  const std::string text = written("table", test::recommendations_only());
  EXPECT_THAT(text, HasSubstr("nothing: none of 2 offers can do this within the limits"));
  EXPECT_THAT(text, HasSubstr("1 over budget"));
}

TEST(json_form, holds_numbers_in_full_and_null_for_the_unknown) {
  const auto report = json::parse(written("json", test::full_report()));
  EXPECT_EQ(report["schema"], "gpubench.report/1");
  const auto& best = report["recommendations"][0]["ranked"][0];
  EXPECT_EQ(best["instance"]["type"], "g6.12xlarge");
  EXPECT_DOUBLE_EQ(best["job"]["seconds"].get<double>(), 19.8 * 3600);
  EXPECT_DOUBLE_EQ(best["cost_usd"].get<double>(), 19.8 * 3.08);
  EXPECT_EQ(best["price"]["date"], "2026-07-20");
  EXPECT_EQ(report["recommendations"][0]["rejected_by_reason"]["memory"], 61);
  EXPECT_EQ(report["run"]["schema"], "gpubench.run/1");

  const auto broken = json::parse(written("json", test::not_finite()));
  EXPECT_TRUE(broken["recommendations"][0]["ranked"][0]["cost_usd"].is_null());
  EXPECT_TRUE(json::parse(written("json", test::nothing()))["run"].is_null());
}

TEST(csv_form, has_one_header_and_one_line_for_each_offer_and_measurement) {
  const auto full = test::full_report();
  const auto records = csv_table::parse(written("csv", full), "report.csv");
  ASSERT_EQ(records.size(), full.content.recommendations[0].ranked.size() + full.run->measurements.size());
  EXPECT_EQ(records[0].text("record"), "ranking");
  EXPECT_EQ(records[0].text("instance_type"), "g6.12xlarge");
  EXPECT_DOUBLE_EQ(records[0].required_number("job_seconds"), 19.8 * 3600);
  const auto last = records[records.size() - 1];
  EXPECT_EQ(last.text("record"), "measurement");
  EXPECT_EQ(last.text("status"), "failed");
  EXPECT_EQ(last.text("verified"), "false");
  EXPECT_EQ(csv_table::parse(written("csv", test::not_finite()), "report.csv")[0].text("cost_usd"), "");
}

TEST(markdown_form, keeps_markup_in_names_as_text) {
  const std::string text = written("markdown", test::hostile());
  EXPECT_THAT(text.substr(0, text.find("Made ")), Not(HasSubstr("<img")));
  EXPECT_THAT(written("markdown", test::full_report()), HasSubstr("| 1 | aws g6.12xlarge spot | 19.8 ±2.4 | 61 ±7 |"));
}

TEST(html_form, is_one_page_that_loads_nothing) {
  const std::string page = written("html", test::full_report());
  EXPECT_EQ(page.rfind("<!DOCTYPE html>", 0), 0u);
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("Chart.js v"));
  for (const char* outside : {"<link rel=\"stylesheet\"", "<script src", "@import", "url(http"})
    EXPECT_THAT(page, Not(HasSubstr(outside)));
  EXPECT_THAT(page.substr(0, page.find("<script>")), Not(HasSubstr("{{"))) << "a placeholder was not filled";
}

TEST(html_form, escapes_every_text) {
  const std::string page = written("html", test::hostile());
  const std::string before_scripts = page.substr(0, page.find("<script>"));
  EXPECT_THAT(before_scripts, Not(HasSubstr("<img")));
  EXPECT_THAT(before_scripts, Not(HasSubstr("onerror=alert(1)>\"")));
  EXPECT_THAT(before_scripts, HasSubstr("&lt;/script&gt;&lt;img"));
  // The island of data ends where the page ends it and nowhere before.
  const auto island = page.find("id=\"report-data\">");
  const auto end = page.find("</script>", island);
  const auto start = island + std::string("id=\"report-data\">").size();
  EXPECT_TRUE(json::accept(page.substr(start, end - start)));
}

TEST(html_form, says_every_fact_without_a_script) {
  std::string page = written("html", test::full_report());
  page = page.substr(0, page.find("<script"));
  for (const char* fact :
       {"19.8 h", "17.5–22.4", "$61", "Pareto front", "memory bandwidth 62&nbsp;%", "128.4", "ns per load",
        "Sapphire Rapids", "https://example.com/prices?region=eu-west-1", "cpus.csv: 32 FLOP a cycle",
        "gpubench evaluate --workload resnet50-train", "needs 31 GiB per GPU", "competing load 14&nbsp;%"})
    EXPECT_THAT(page, HasSubstr(fact));
}

}  // namespace
}  // namespace gpubench::report
