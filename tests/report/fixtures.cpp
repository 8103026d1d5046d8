#include "fixtures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "run_fixture.hpp"

namespace gpubench::report::test {
namespace {

constexpr double hour = 3600;

struct offer_row {
  const char* provider;
  const char* type;
  const char* gpu;
  int gpus;
  double fraction;
  double hours;  // of the job
  double usd_per_hour;
  predictor::bound bound;
  predictor::basis basis;
};

// Types as clouds name them; times and prices are made up.
constexpr std::array<offer_row, 12> offer_rows{{
    {"aws", "g6.12xlarge", "L4", 4, 1, 19.8, 3.08, predictor::bound::memory, predictor::basis::calibrated},
    {"aws", "g5.12xlarge", "A10G", 4, 1, 22.6, 3.40, predictor::bound::memory, predictor::basis::calibrated},
    {"gcp", "g2-standard-48", "L4", 4, 1, 19.8, 4.00, predictor::bound::memory, predictor::basis::calibrated},
    {"gcp", "a2-highgpu-4g", "A100-SXM-40GB", 4, 1, 9.1, 9.80, predictor::bound::memory, predictor::basis::calibrated},
    {"aws", "p4d.24xlarge", "A100-SXM-40GB", 8, 1, 4.8, 21.95, predictor::bound::host, predictor::basis::calibrated},
    {"azure", "Standard_NC80adis_H100_v5", "H100-NVL", 2, 1, 7.4, 13.96, predictor::bound::compute,
     predictor::basis::calibrated},
    {"aws", "p5.48xlarge", "H100-SXM", 8, 1, 2.1, 55.04, predictor::bound::host, predictor::basis::calibrated},
    {"azure", "Standard_ND96isr_H100_v5", "H100-SXM", 8, 1, 2.1, 98.32, predictor::bound::host,
     predictor::basis::calibrated},
    {"alibaba", "ecs.gn7i-c32g1.32xlarge", "A10", 4, 1, 23.0, 8.45, predictor::bound::memory,
     predictor::basis::calibrated},
    {"gcp", "g2-standard-4", "L4", 1, 1, 78.0, 0.71, predictor::bound::memory, predictor::basis::calibrated},
    {"azure", "Standard_NV18ads_A10_v5", "A10", 1, 0.5, 163, 1.60, predictor::bound::memory,
     predictor::basis::data_sheet},
    {"aws", "c7i.48xlarge", "", 0, 1, 1910, 8.57, predictor::bound::compute, predictor::basis::scaled},
}};

planner::candidate make_candidate(fixture& owner, const offer_row& row, const std::string& region,
                                  profiles::price_model model, double price_factor) {
  auto known = std::find_if(owner.instances.begin(), owner.instances.end(),
                            [&](const auto& type) { return type.provider == row.provider && type.type == row.type; });
  if (known == owner.instances.end()) {
    profiles::instance type;
    type.provider = row.provider;
    type.type = row.type;
    type.gpu = row.gpu;
    type.gpu_count = row.gpus;
    type.gpu_fraction = row.fraction;
    type.origin = {"https://example.com/instances", "2026-07", "", {}};
    owner.instances.push_back(type);
    known = std::prev(owner.instances.end());
  }
  profiles::price price;
  price.provider = row.provider;
  price.instance_type = row.type;
  price.region = region;
  price.model = model;
  price.amount_per_hour = row.usd_per_hour * price_factor;
  price.currency = "USD";
  price.origin = {"https://example.com/prices?region=" + region, "2026-07-20", "", {}};
  owner.prices.push_back(price);

  const double spread = row.basis == predictor::basis::data_sheet ? 1.9 : 1.13;
  planner::candidate c;
  c.instance = &*known;
  c.price = &owner.prices.back();
  c.devices = row.gpus;
  c.data_parallel = std::max(1, row.gpus);
  c.split = fmt::format("data parallel {}", c.data_parallel);
  c.memory_per_device_bytes = 11.5e9;
  const double seconds = row.hours * hour;
  c.job = {seconds, seconds / spread, seconds * spread, row.basis, row.bound};
  c.step = {seconds / 450000, seconds / 450000 / spread, seconds / 450000 * spread, row.basis, row.bound};
  c.units_per_second = 115.3e6 / seconds;
  c.usd_per_hour = price.amount_per_hour;
  c.cost_usd = row.hours * c.usd_per_hour;
  c.cost_low_usd = c.cost_usd / spread;
  c.cost_high_usd = c.cost_usd * spread;
  c.expected_cost_usd = c.cost_usd;
  c.cost_by_part[static_cast<std::size_t>(planner::cost_part::work)] = 0.9 * c.cost_usd;
  c.cost_by_part[static_cast<std::size_t>(planner::cost_part::storage)] = 0.1 * c.cost_usd;
  if (model == profiles::price_model::spot)
    c.spot = planner::spot_outlook{1e6, 3, 2500, 303, 0.07, 0.93, "10 % of instances a month (test, 2026-07)", false};
  c.usd_per_million_units = c.cost_usd / 115.3;
  c.price_age_days = 125;
  c.shares = {{row.bound, 0.62},
              {row.bound == predictor::bound::compute ? predictor::bound::memory : predictor::bound::compute, 0.30},
              {predictor::bound::overhead, 0.08}};
  return c;
}

// No candidate of the front is beaten on both time and cost.
void mark_front(std::vector<planner::candidate>& ranked) {
  double fastest = std::numeric_limits<double>::infinity();
  for (auto& c : ranked) {
    c.on_pareto_front = c.job.seconds < fastest;
    fastest = std::min(fastest, c.job.seconds);
  }
}

profiles::workload resnet() {
  profiles::workload work;
  work.name = "resnet50-train";
  work.title = "ResNet-50 training, 90 epochs of 1.28 M images";
  work.unit = "image";
  work.total_units = 115.3e6;
  work.precision = models::precision::fp16;
  work.origin = {"He et al., arXiv 1512.03385", "2015", "", {}};
  return work;
}

// With a deadline only offers that meet it are ranked; without one, all are, the CPU among them.
planner::recommendation full_recommendation(fixture& owner, std::optional<double> deadline_seconds) {
  planner::recommendation answer;
  answer.workload = resnet();
  answer.limits.deadline_seconds = deadline_seconds;
  answer.made_at = "2026-11-22T10:04:05Z";
  for (const auto& row : offer_rows) {
    const bool spot = std::string(row.provider) == "aws" && row.gpus > 0;
    const auto model = spot ? profiles::price_model::spot : profiles::price_model::on_demand;
    answer.ranked.push_back(make_candidate(owner, row, "eu-west-1", model, spot ? 1 : 1.1));
    answer.ranked.push_back(make_candidate(owner, row, "us-east-1", model, 1.07));
    answer.ranked.push_back(make_candidate(owner, row, "eu-west-1", profiles::price_model::on_demand, 1.6));
    answer.ranked.push_back(make_candidate(owner, row, "ap-southeast-2", profiles::price_model::on_demand, 1.9));
  }
  if (deadline_seconds) {
    for (auto& c : answer.ranked)
      c.probability_all_limits = c.probability_in_deadline = planner::probability_within(c.job, *deadline_seconds);
    answer.ranked.erase(std::remove_if(answer.ranked.begin(), answer.ranked.end(),
                                       [](const auto& c) { return c.probability_in_deadline < 0.95; }),
                        answer.ranked.end());
  }
  std::sort(answer.ranked.begin(), answer.ranked.end(),
            [](const auto& a, const auto& b) { return a.cost_usd < b.cost_usd; });
  mark_front(answer.ranked);
  for (std::size_t i = 0; i < answer.ranked.size(); i += 9) answer.ranked[i].price_is_old = true;
  answer.considered = 245;
  answer.not_separable = 3;
  answer.next_best = planner::rival{1, 0.31, 4.2};
  answer.worth_measuring = {{0, 1800, 1.5}, {1, 1800, 1.7}};
  answer.rules = {{"cheapest per hour", answer.ranked.back()}};
  answer.flip_points = {
      "aws p4d.24xlarge on-demand if the deadline were under 9 h",
      "aws g5.12xlarge spot if aws g6.12xlarge spot cost over $4.10/h (now $3.08, price of 2026-07-20)"};
  answer.notes = {"Spot prices are those of 2026-07-20; interruptions are not in the time.",
                  "Host data preparation: 2.1 ms of one core per image."};
  for (std::size_t i = 0; i < 197; ++i) {
    planner::rejection r;
    r.instance = &owner.instances[i % owner.instances.size()];
    r.reason = i < 96    ? planner::rejection_reason::deadline
               : i < 157 ? planner::rejection_reason::memory
                         : planner::rejection_reason::no_price;
    if (i < 96) r.price = &owner.prices[i % owner.prices.size()];
    r.detail = i < 96    ? "31 h, P(within 24 h) 4 %"
               : i < 157 ? "needs 31 GiB per GPU, has 24 GiB"
                         : "no price in the catalogue";
    answer.rejected.push_back(r);
  }
  return answer;
}

void set_document(fixture& f) {
  if (f.run) f.content.runs = {{f.run.get(), "results/2026-11-22T10-02.json"}};
  f.content.command = "gpubench evaluate --workload resnet50-train --deadline 24h";
  f.content.made_at = "2026-11-22T10:04:05Z";
}

}  // namespace

fixture full_report() {
  fixture f;
  f.name = "full";
  f.run = make_run();
  add_measurements(*f.run);
  add_failures(*f.run);
  complete_all(*f.run);
  f.content.recommendations.push_back(full_recommendation(f, 24 * hour));
  set_document(f);
  return f;
}

fixture recommendations_only() {
  fixture f;
  f.name = "recommendations_only";
  f.content.recommendations.push_back(full_recommendation(f, std::nullopt));
  planner::recommendation none;
  none.workload = resnet();
  none.workload.name = "llama3-70b-serve";
  none.workload.title = "Llama-3-70B serving";
  none.workload.unit = "token";
  none.limits.budget_usd = 1;
  none.made_at = "2026-11-22T10:04:05Z";
  none.considered = 2;
  none.rejected.push_back(
      {&f.instances.front(), &f.prices.front(), planner::rejection_reason::budget, "costs $54 at least"});
  none.rejected.push_back(
      {&f.instances.back(), nullptr, planner::rejection_reason::memory, "needs 141 GiB per GPU, has 80 GiB"});
  f.content.recommendations.push_back(none);
  set_document(f);
  return f;
}

fixture run_only() {
  fixture f;
  f.name = "run_only";
  f.run = make_run();
  f.run->finished_at.reset();
  add_measurements(*f.run);
  add_failures(*f.run);
  for (auto& m : f.run->measurements) m.peak.reset();
  complete_all(*f.run);
  set_document(f);
  return f;
}

fixture two_devices() {
  fixture f;
  f.name = "two_devices";
  f.run = make_run();
  add_measurements(*f.run);
  add_gpu_measurements(*f.run);
  complete_all(*f.run);
  set_document(f);
  return f;
}

fixture watched_gpus() {
  fixture f;
  f.name = "watched_gpus";
  f.run = make_run();
  add_gpu_measurements(*f.run);
  add_watched_measurements(*f.run);
  complete_all(*f.run);
  set_document(f);
  return f;
}

fixture several_runs() {
  fixture f;
  f.name = "several_runs";
  auto here = make_run();
  add_measurements(*here);
  auto there = make_run();
  there->environment.cpu.model = "Another CPU";
  add_measurements(*there);
  add_collective(*there);
  for (auto& m : there->measurements)
    for (auto& ns : m.samples_ns) ns /= 1.1;
  add_failures(*there);
  auto vendor = make_run();
  vendor->provenance =
      results::import_provenance{"2026-11-23T08:00:00Z",
                                 {{"sweep.txt", "nccl-tests", "nccl-tests", "2.17.6", std::nullopt, 4321},
                                  {"stream.csv", "babelstream", "BabelStream", "5.0", std::nullopt, 765}}};
  add_stated_measurements(*vendor);
  add_collective(*here);
  for (auto* run : {here.get(), there.get()}) complete_all(*run);
  f.others.push_back(*here);
  f.others.push_back(*there);
  f.others.push_back(*vendor);
  set_document(f);
  f.content.runs = {{&f.others[0], "here.json", "here", std::string(64, 'a'), 0.5, "given with --price"},
                    {&f.others[1], "there.json", "there", std::string(64, 'b')},
                    {&f.others[2], "vendor.json", "vendor", std::string(64, 'c'), 2.0, "given with --price"}};
  f.content.command = "gpubench report here.json there.json vendor.json --to html";
  return f;
}

fixture empty_run() {
  fixture f;
  f.name = "empty_run";
  f.run = std::make_unique<results::run>();
  f.run->suite = "custom";
  set_document(f);
  return f;
}

fixture nothing() {
  fixture f;
  f.name = "nothing";
  return f;
}

std::vector<fixture> all_fixtures() {
  std::vector<fixture> all;
  all.push_back(full_report());
  all.push_back(recommendations_only());
  all.push_back(run_only());
  all.push_back(two_devices());
  all.push_back(watched_gpus());
  all.push_back(several_runs());
  all.push_back(empty_run());
  all.push_back(nothing());
  all.push_back(not_finite());
  all.push_back(hostile());
  return all;
}

}  // namespace gpubench::report::test
