#include "cli/collective_session.hpp"

#include "bench/clock.hpp"
#include "bench/collective/agreement.hpp"
#include "bench/collective/fit.hpp"
#include "bench/collective/host_transport.hpp"
#include "bench/collective/launcher.hpp"
#include "bench/collective/network.hpp"
#include "bench/collective/peers.hpp"
#include "bench/collective/rank_interface.hpp"
#include "cli/here.hpp"
#include "cli/interrupt.hpp"
#include "cli/knowledge.hpp"
#include "cli/output.hpp"
#include "cli/rank_errors.hpp"
#include "cli/run_files.hpp"
#include "core/text.hpp"
#include "core/units.hpp"
#include "core/version.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <thread>
#include <utility>

#include "fleet/task.hpp"

namespace gpubench::cli {
namespace {

using namespace collective;

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

report::table empty_table() {
  return report::table({{"collective", "collective"},
                        {"bytes", "size", 12},
                        {"type", "type"},
                        {"operation", "reduction", 4, 2},
                        {"placement", "placement", 4, 1},
                        {"algorithm", "algorithm", 4, 3},
                        {"time_us", "time us", 4},
                        {"algbw_gb_per_second", "algbw GB/s", 4},
                        {"busbw_gb_per_second", "busbw GB/s", 4},
                        {"wrong_elements", "wrong", 12},
                        {"status", "status"}});
}

bench::sampling_policy policy_of(const collective_options& options) {
  bench::sampling_policy policy;
  policy.warmup_time = bench::seconds(0.01);
  policy.min_time = bench::seconds(0.05);
  policy.time_limit = options.case_time;
  policy.relative_half_width = 0.01;
  return policy;
}

std::optional<double> wrong_elements(const results::measurement& m) {
  if (!m.verification) return std::nullopt;
  return m.verification->error;
}

std::string text_parameter(const results::measurement& m, std::string_view name) {
  for (const auto& [key, value] : m.params) {
    if (const auto* text = std::get_if<std::string>(&value); key == name && text != nullptr) return *text;
  }
  return "";
}

}  // namespace

collective_session::collective_session(const global_options& global, const collective_options& options)
    : global_(global), options_(options), table_(empty_table()) {
  if (started_by_launcher()) {
    world_ = mpi_world::start(1.5 * patience());
    between_ = world_.get();
  }
  if (options.backend != "host") gpus_ = bench::load_cuda_backend();
  machine_ = find_machine(load_catalogue(global), options.instance, gpus_.devices);
  if (world_) machine_.libraries["mpi"] = world_->library();
  compare_options();
  choose_backend();
  compare_ranks();
  watch_ = std::make_unique<progress_watch>(2 * patience(), [this](const std::string& step) { give_up(step); });
}

collective_session::~collective_session() = default;

bool collective_session::gpus_usable(std::string& why) const {
  if (options_.backend == "host") {
    why = "left out by --backend host";
    return false;
  }
  if (gpus_.state != bench::cuda_state::ready) {
    why = gpus_.status;
    return false;
  }
  const cuda_transport trial(gpus_, *between_, machine_);
  collective_case smallest;
  smallest.ranks = trial.ranks();
  smallest.bytes = size_step(smallest.kind, smallest.type, smallest.ranks);
  if (const auto problem = trial.unavailable(smallest)) {
    why = *problem;
    return false;
  }
  return true;
}

/// Before anything that the options decide: on NCCL already the choice of the back-end is a call of all ranks.
void collective_session::compare_options() {
  rank_facts mine{{"host name", host_name()}, {"node", fleet::name_of_this_node()}};
  for (auto& one : options_of_all_ranks(options_)) mine.push_back(std::move(one));
  const auto facts = gather_facts(*between_, mine);
  std::string refusal;
  if (between_->is_root()) {
    std::vector<std::string> told;
    for (const auto& mismatch : find_mismatches(facts, {"host name", "node"}, on_gpus_))
      told.push_back(describe(mismatch, node_names(facts)));
    refusal = join(told, "; ");
  }
  refusal = broadcast_text(*between_, refusal);
  if (!refusal.empty())
    throw common_error(error_kind::usage, "the ranks do not agree: " + refusal,
                       "give all ranks the same options of gpubench collective");
}

void collective_session::choose_backend() {
  std::string why;
  const std::string mine = gpus_usable(why) ? "" : why;
  const auto all = gather_texts(*between_, mine.empty() ? "usable" : mine, "which back-end it can use");
  std::string verdict;
  if (between_->is_root()) {
    std::vector<int> without;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      if (all[rank] != "usable") without.push_back(static_cast<int>(rank));
    }
    const bool none = without.size() == all.size();
    if (without.empty()) {
      verdict = "cuda";
    } else if (options_.backend == "cuda" || !none) {
      verdict = fmt::format("{}: {}", rank_list(without), all[static_cast<std::size_t>(without.front())]);
    } else if (between_->ranks() < 2) {
      verdict = fmt::format("one process without GPUs to connect: {}", all.front());
    } else {
      verdict = "host";
    }
  }
  verdict = broadcast_text(*between_, verdict);
  if (verdict != "cuda" && verdict != "host")
    throw common_error(error_kind::environment, "no collective can be measured: " + verdict,
                       "start several ranks on CPUs: mpirun -n 2 gpubench collective --backend host");
  on_gpus_ = verdict == "cuda";
  if (on_gpus_) {
    auto chosen = std::make_unique<cuda_transport>(gpus_, *between_, machine_);
    ranks_ = chosen->ranks();
    moves_ = std::move(chosen);
  } else {
    ranks_ = between_->ranks();
  }
}

void collective_session::compare_ranks() {
  rank_facts mine{{"host name", host_name()},
                  {"node", fleet::name_of_this_node()},
                  {"gpubench", version},
                  {"kernel", machine_.kernel.value_or("")},
                  {"CPU", machine_.cpu.model.value_or("")},
                  {"MPI", world_ ? world_->library() : ""}};
  if (on_gpus_) {
    const auto* gpus = static_cast<const cuda_transport*>(moves_.get());
    mine.emplace_back("GPU", gpus_.devices.at(static_cast<std::size_t>(gpus->gpu())).model);
    mine.emplace_back("GPU driver", machine_.gpu_driver_version.value_or(""));
    const auto nccl = machine_.libraries.find("nccl");
    mine.emplace_back("NCCL", nccl == machine_.libraries.end() ? "" : nccl->second);
  }
  const auto network = find_rank_interface(bench::system_files(), machine_.variables);
  mine.emplace_back("interface", network ? network->name : "");
  mine.emplace_back("link speed", network && network->bytes_per_second
                                      ? fmt::format("{:.6g} Gbit/s", *network->bytes_per_second * 8 / giga)
                                      : "");
  for (const auto& [name, value] : machine_.libraries)
    if (on_gpus_ && name != "nccl" && name != "mpi") mine.emplace_back(name, value);
  for (const auto& [name, value] : machine_.variables)
    if (name.rfind("NCCL_", 0) == 0 || name.rfind("OMPI_MCA_", 0) == 0) mine.emplace_back(name, value);
  const auto facts = gather_facts(*between_, mine);
  std::int32_t nodes = 1;
  std::string refusal;
  if (between_->is_root()) {
    nodes = distinct(facts, "host name");
    rank_names_ = node_names(facts);
    std::vector<std::string> refused;
    for (const auto& mismatch : find_mismatches(facts, {"host name", "node", "interface"}, on_gpus_)) {
      const bool allowed =
          std::find(options_.allowed.begin(), options_.allowed.end(), mismatch.name) != options_.allowed.end();
      auto& told = mismatch.refuses && !allowed ? refused : warnings_;
      told.push_back(describe(mismatch, rank_names_));
    }
    refusal = join(refused, "; ");
    if (between_->ranks() > 1) note_places(facts);
  }
  refusal = broadcast_text(*between_, refusal);
  if (!refusal.empty())
    throw common_error(error_kind::environment, "the ranks do not agree: " + refusal,
                       "make it the same on all ranks (mpirun -x NAME, srun --export=ALL), or say --allow NAME");
  between_->broadcast(&nodes, sizeof nodes);
  nodes_ = nodes;
  if (on_gpus_) return;
  constexpr double share = 0.5;  // operands beside what MPI itself needs
  const int ranks_here = (ranks_ + nodes_ - 1) / nodes_;
  moves_ = std::make_unique<host_transport>(*world_, share * machine_.memory_bytes.value_or(0) / ranks_here);
}

void collective_session::note_places(const std::vector<std::map<std::string, std::string>>& facts) {
  for (std::size_t rank = 0; rank < facts.size(); ++rank) {
    results::rank_place place;
    place.rank = static_cast<int>(rank);
    place.node = rank_names_[rank];
    if (const auto name = facts[rank].find("interface"); name != facts[rank].end() && !name->second.empty())
      place.interface = name->second;
    const auto speed = facts[rank].find("link speed");
    const auto number =
        speed == facts[rank].end() ? std::nullopt : parse_number(speed->second.substr(0, speed->second.find(' ')));
    if (number && *number > 0) place.interface_bytes_per_second = *number * giga / 8;
    rank_places_.push_back(std::move(place));
  }
}

std::string collective_session::description() const {
  const std::string where = count_of(static_cast<std::size_t>(nodes_), "node");
  std::string text = fmt::format("{} {} ranks on {}", ranks_, on_gpus_ ? "GPU" : "CPU", where);
  if (world_) text += fmt::format(" over {}", world_->library());
  return text;
}

std::string collective_session::rank_name(int rank) const {
  const auto at = static_cast<std::size_t>(rank);
  if (at >= rank_names_.size()) return fmt::format("rank {}", rank);
  return fmt::format("rank {} on {}", rank, rank_names_[at]);
}

void collective_session::open(const std::filesystem::path& file) {
  std::optional<error> problem;
  if (is_root()) {
    try {
      require_replaceable(file);
      results::run head;
      head.started_at = format_utc(std::chrono::system_clock::now());
      head.id = fmt::format("{}-{:08x}", head.started_at, std::random_device()());
      head.tool_version = version;
      head.suite = "custom";
      head.environment = machine_;
      head.ranks = rank_places_;
      writer_ = std::make_unique<results::run_writer>(file, std::move(head));
    } catch (const error& e) {
      problem = e;
    }
  }
  std::int32_t opened = problem ? 0 : 1;
  between_->broadcast(&opened, sizeof opened);
  if (problem) throw common_error(*problem);
  if (opened == 0) throw common_error(error_kind::io, "rank 0 cannot write the run file");
}

void collective_session::require_cases() const {
  const auto refuse_on_cpus = [&](bool asked_for, const char* option, const char* why) {
    if (asked_for && !on_gpus_)
      throw common_error(error_kind::usage, fmt::format("{}: {}; these are CPU ranks over MPI", option, why),
                         fmt::format("leave out {}, or start a rank for each GPU", option));
  };
  refuse_on_cpus(options_.sweep_algorithms, "--sweep-algos", "only NCCL's algorithms can be forced");
  refuse_on_cpus(options_.nic_bytes_per_second.has_value(), "--nic-rate",
                 "it says something where each rank has a network card, as each GPU of a node often has");
  for (const auto& sweep : plan_sweeps(options_, ranks_, on_gpus_)) {
    if (!sweep.cases.empty()) return;
  }
  throw common_error(
      error_kind::usage, "these options leave no collective to measure",
      "all_to_all and send_recv have no form in place, and MPI on CPUs has no average, no reduction of fp16 or "
      "bf16, and broadcasts only in place");
}

bool collective_session::measure() {
  const interrupt_watch interrupts;
  for (const auto& warning : warnings_) findings_.push_back(warning);
  if (options_.nic_bytes_per_second && nodes_ < 2)
    findings_.push_back("--nic-rate says nothing here: all ranks are on one node");
  bool complete = true;
  for (const auto& sweep : plan_sweeps(options_, ranks_, on_gpus_)) {
    complete = measure_sweep(sweep);
    if (!complete) break;
  }
  // In one process the copies between peers tell the same, pair by pair.
  if (complete && world_ && !options_.no_pairs) complete = measure_pairs();
  if (is_root() && complete) writer_->finish();
  return complete;
}

/// Rank 0's word on every rank.
bool collective_session::goes_on(const collective_result& result) {
  watch_->step(wait_for_root("what comes next"));
  std::int32_t value = result.interrupted ? 0 : 1;
  between_->broadcast(&value, sizeof value);
  watch_->rest();
  return value != 0;
}

bool collective_session::measure_sweep(const collective_sweep& sweep) {
  surroundings with{*between_,  *moves_, *watch_, policy_of(options_), bench::steady_now, interrupt_watch::interrupted,
                    rank_names_};
  std::vector<results::measurement> last;  // the largest size so far, which the fit is noted with
  std::vector<timed_size> points;
  bool complete = true;
  for (const auto& what : sweep.cases) {
    auto result = collective::measure(what, with);
    complete = goes_on(result);
    if (is_root()) {
      // Into the file at once: a rank that dies or hangs must not cost the sizes before.
      write(last);
      note_nic_rate(result.measurement, what);
      take(std::move(result), last);
      if (!last.empty() && last.back().status == results::measurement_status::ok && last.back().time_ns)
        points.push_back({last.back().work.bytes.value_or(0), last.back().time_ns->median});
    }
    if (!complete) break;
  }
  if (is_root()) {
    if (!last.empty()) note_fit(sweep, points, last.back());
    write(last);
  }
  return complete;
}

void collective_session::take(collective_result result, std::vector<results::measurement>& held) {
  auto& m = result.measurement;
  // Interrupted before its first sample, a case has nothing to tell.
  if (result.interrupted && m.samples_ns.empty()) return;
  for (const auto& warning : warnings_) m.warnings.push_back(warning);
  if (m.status == results::measurement_status::failed) {
    ++failed_;
    say(global_, fmt::format("{}: {}", results::full_name(m), m.reason));
  }
  if (m.status == results::measurement_status::skipped) ++skipped_;
  add_row(m);
  held.push_back(std::move(m));
}

void collective_session::write(std::vector<results::measurement>& measured) {
  for (auto& m : measured) writer_->add(std::move(m));
  measured.clear();
}

void collective_session::note_fit(const collective_sweep& sweep, const std::vector<timed_size>& points,
                                  results::measurement& largest) {
  constexpr std::size_t fewest_sizes = 3;
  if (points.size() < fewest_sizes) return;
  const auto fit = fit_two_lines(points);
  if (!fit) {
    const std::string unknown = "no latency shows in the times of the sweep's sizes";
    largest.warnings.push_back(unknown + ": no line was fitted to them");
    findings_.push_back(fmt::format("{}: {}", sweep.title, unknown));
    return;
  }
  // With the largest size, which ends the sweep that it describes.
  auto& method = largest.method;
  method["fit"] = "of all sizes of the sweep: the lesser of two lines, time = latency + bytes / rate";
  method["fit_latency_ns"] = fmt::format("{:.6g}", fit->latency_ns());
  method["fit_bytes_per_second"] = fmt::format("{:.6g}", fit->bytes_per_second());
  if (fit->large) {
    method["fit_small_bytes_per_second"] = fmt::format("{:.6g}", fit->small.bytes_per_second);
    method["fit_large_latency_ns"] = fmt::format("{:.6g}", fit->large->latency_ns);
    if (const auto bytes = fit->crossover_bytes()) method["fit_crossover_bytes"] = fmt::format("{:.6g}", *bytes);
  }
  method["fit_worst_factor"] = fmt::format("{:.3f}", fit->worst_factor);
  constexpr double trusted_factor = 1.5;
  if (fit->worst_factor > trusted_factor) {
    const auto missed = fmt::format("the fitted lines miss one size by a factor of {:.3g}", fit->worst_factor);
    largest.warnings.push_back(missed + ": do not plan with them");
    findings_.push_back(fmt::format("{}: no latency and bandwidth describe it: {}", sweep.title, missed));
    return;
  }
  std::string text = fmt::format("{}: latency {}, then {}", sweep.title, format_si(fit->latency_ns() * 1e-9, "s"),
                                 format_si(fit->bytes_per_second(), "B/s"));
  if (const auto bytes = fit->crossover_bytes()) text += fmt::format(" from {} on", format_bytes(*bytes));
  findings_.push_back(text + fmt::format(" (algbw; every size within a factor of {:.3g})", fit->worst_factor));
}

/// On GPUs only: ranks on CPUs share a node's network cards.
void collective_session::note_nic_rate(results::measurement& m, const collective_case& what) {
  if (!on_gpus_) return;
  const auto busbw = m.rate.busbw_bytes_per_second;
  const bool formula_holds = what.kind == collective_kind::all_reduce || what.kind == collective_kind::all_gather ||
                             what.kind == collective_kind::reduce_scatter;
  if (!busbw || !formula_holds) return;
  const auto ring = per_nic_bytes_per_second(*busbw, ranks_, nodes_, crossing::flat_ring);
  const auto hierarchical = per_nic_bytes_per_second(*busbw, ranks_, nodes_, crossing::hierarchical);
  if (!ring || !hierarchical) return;
  m.method["nodes"] = std::to_string(nodes_);
  m.method["nic_bytes_per_second_if_ring"] = fmt::format("{:.6g}", *ring);
  m.method["nic_bytes_per_second_if_hierarchical"] = fmt::format("{:.6g}", *hierarchical);
  if (!options_.nic_bytes_per_second) return;
  const auto possible = possible_crossings(*busbw, ranks_, nodes_, *options_.nic_bytes_per_second);
  if (!possible->hierarchical_possible) {
    m.warnings.push_back("faster than the network cards named by --nic-rate in any way of crossing the nodes");
  } else if (!possible->flat_ring_possible) {
    m.method["crossing"] = "hierarchical: a flat ring would need more than a network card has";
  }
}

bool collective_session::measure_pairs() {
  surroundings with{*between_,  *moves_, *watch_, policy_of(options_), bench::steady_now, interrupt_watch::interrupted,
                    rank_names_};
  std::vector<pair_time> times;
  std::vector<results::measurement> measured;
  bool complete = true;
  for (const auto& what : plan_pairs(ranks_, on_gpus_)) {
    auto result = collective::measure(what, with);
    complete = goes_on(result);
    if (is_root()) {
      const auto& medians = result.rank_median_ns;
      const bool right = result.measurement.status == results::measurement_status::ok;
      for (int rank = 0; right && rank < static_cast<int>(medians.size()); ++rank) {
        const int partner = kernels::pair_partner(rank, ranks_, what.round);
        if (partner <= rank) continue;
        const double slower =
            std::max(medians[static_cast<std::size_t>(rank)], medians[static_cast<std::size_t>(partner)]);
        times.push_back({rank, partner, slower});
        if (slower > 0) result.measurement.pairs.push_back({rank, partner, slower});
      }
      take(std::move(result), measured);
    }
    if (!complete) break;
  }
  if (!is_root()) return complete;
  const auto found = compare_pairs(times, ranks_);
  for (const int rank : found.slow_ranks)
    findings_.push_back(
        fmt::format("{} is slower towards most of its peers than they are among each other", rank_name(rank)));
  for (const auto& pair : found.slow_pairs)
    findings_.push_back(fmt::format("{} and {} exchange data in {:.3g} times the median time of all pairs",
                                    rank_name(pair.first), rank_name(pair.second), pair.ns / found.median_ns));
  if (!measured.empty() && found.slowest) {
    auto& method = measured.back().method;
    method["pairs_compared"] = std::to_string(times.size());
    method["slowest_pair"] = fmt::format("ranks {} and {}, {:.3g} times the median of all pairs", found.slowest->first,
                                         found.slowest->second, found.slowest->ns / found.median_ns);
    for (std::size_t i = findings_.size() - found.slow_ranks.size() - found.slow_pairs.size(); i < findings_.size();
         ++i)
      measured.back().warnings.push_back(findings_[i]);
  }
  write(measured);
  return complete;
}

void collective_session::add_row(const results::measurement& m) {
  using value = report::table::value;
  const auto number = [](const std::optional<double>& v) { return v ? value(*v) : value(); };
  const auto giga_of = [](const std::optional<double>& v) { return v ? value(*v / giga) : value(); };
  const auto text = [&](std::string_view name) {
    auto found = text_parameter(m, name);
    return found.empty() ? value() : value(std::move(found));
  };
  std::string algorithm = text_parameter(m, "algorithm");
  if (!algorithm.empty()) algorithm += " " + text_parameter(m, "protocol");
  if (const auto told = m.method.find("algorithm"); algorithm.empty() && told != m.method.end())
    algorithm = told->second;
  table_.add_row({m.benchmark, number(m.work.bytes), text("type"), text("operation"), text("placement"),
                  algorithm.empty() ? value() : value(algorithm), m.time_ns ? value(m.time_ns->median * 1e-3) : value(),
                  giga_of(m.rate.bytes_per_second), giga_of(m.rate.busbw_bytes_per_second), number(wrong_elements(m)),
                  m.status == results::measurement_status::ok ? value(std::string("ok")) : value(m.reason)});
}

void collective_session::give_up(const std::string& step) {
  const std::string waited = fmt::format("{:.3g} s", (2 * patience()).count());
  std::fprintf(stderr, "error: rank %d on %s has waited %s %s\n", between_->rank(), host_name().c_str(), waited.c_str(),
               step.c_str());
  std::fprintf(stderr, "  hint: each rank that waits says so; one that says nothing is what the others wait for\n");
  // Time for all ranks that still run to say so before the launcher ends them.
  std::this_thread::sleep_for(std::chrono::seconds(is_root() ? 1 : 3));
  std::_Exit(static_cast<int>(exit_status::measurement_failed));
}

}  // namespace gpubench::cli
