#include "bench/collective/lockstep.hpp"

#include "bench/registry.hpp"
#include "core/error.hpp"
#include "core/memory_room.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

namespace gpubench::collective {

namespace {

using results::measurement_status;

/// What one rank came to; goes between ranks as it lies in memory.
struct reply {
  std::int32_t status = 0;  ///< measurement_status
  double value = 0;         ///< time, or number of wrong elements
  double tolerance = 0;
  std::array<char, 400> text{};  ///< why not ok, or what was compared
};
static_assert(std::is_trivially_copyable_v<reply>);

void set_text(reply& r, const std::string& text) {
  r.text = {};
  std::memcpy(r.text.data(), text.data(), std::min(text.size(), r.text.size() - 1));
}

reply refused(measurement_status status, const std::string& why) {
  reply r;
  r.status = static_cast<std::int32_t>(status);
  set_text(r, why);
  return r;
}

/// A step of one rank; whatever goes wrong becomes its reply.
template <class Step>
reply attempt(const Step& step) {
  try {
    return step();
  } catch (const bench::unsupported_case& e) {
    return refused(measurement_status::skipped, e.what());
  } catch (const error& e) {
    return refused(measurement_status::failed,
                   e.hint().empty() ? std::string(e.what()) : fmt::format("{} ({})", e.what(), e.hint()));
  } catch (const std::bad_alloc&) {
    return refused(measurement_status::failed, fmt::format("not enough memory ({})", hint_about_memory()));
  } catch (const std::exception& e) {
    return refused(measurement_status::failed, e.what());
  }
}

/// One case under way on one rank.
class lockstep {
 public:
  lockstep(const collective_case& what, surroundings& with) : what_(what), with_(with), name_(describe(what)) {}

  collective_result run() {
    auto& m = result_.measurement;
    m.benchmark = name_of(kinds, what_.kind);
    m.params = parameters_of(what_);
    m.backend = with_.moves.backend();
    m.device = with_.moves.device();
    m.work = work_of(what_);
    const bool available = all_agree("is it available", [this] { return availability(); });
    const bool prepared = available && all_agree("prepare", [this] { return preparation(); });
    if (prepared) {
      sample();
      const bool sampled = told(root() && m.status == measurement_status::ok && !m.samples_ns.empty());
      if (sampled) verify();
      if (root()) note_method();
    }
    ready_.reset();
    if (root()) finish();
    // A refusal is no failure, yet some ranks may have taken part in a communicator that others refused.
    if (root() && (m.status == measurement_status::failed || (available && !prepared))) with_.moves.forget();
    with_.watch.rest();
    return std::move(result_);
  }

 private:
  bool root() const { return with_.between.is_root(); }

  std::string name_of_rank(std::size_t rank) const {
    if (rank >= with_.names.size()) return fmt::format("rank {}", rank);
    return fmt::format("rank {} on {}", rank, with_.names[rank]);
  }

  /// Rank 0's decision on every rank.
  bool told(bool decision) {
    if (!root()) with_.watch.step(wait_for_root(name_));
    std::int32_t value = decision ? 1 : 0;
    with_.between.broadcast(&value, sizeof value);
    return value != 0;
  }

  std::vector<reply> gather(const reply& own, const char* step) {
    std::vector<reply> all(root() ? static_cast<std::size_t>(with_.between.ranks()) : 0);
    require_all(with_.between.gather(&own, sizeof own, all.data()), fmt::format("{}: {}", name_, step));
    return all;
  }

  /// Takes over the worst of all ranks' replies: a failure before a skip.
  void judge(const std::vector<reply>& all) {
    auto& m = result_.measurement;
    for (const auto status : {measurement_status::failed, measurement_status::skipped}) {
      for (std::size_t rank = 0; rank < all.size(); ++rank) {
        if (all[rank].status != static_cast<std::int32_t>(status)) continue;
        m.status = status;
        m.reason = all.size() == 1 ? std::string(all[rank].text.data())
                                   : fmt::format("{}: {}", name_of_rank(rank), all[rank].text.data());
        return;
      }
    }
  }

  template <class Step>
  bool all_agree(const char* step, const Step& take) {
    with_.watch.step(wait_for_others(fmt::format("{}: {}", name_, step)));
    const reply own = attempt(take);
    judge(gather(own, step));
    return told(root() && result_.measurement.status == measurement_status::ok);
  }

  reply availability() const {
    if (const auto why = with_.moves.unavailable(what_)) return refused(measurement_status::skipped, *why);
    return {};
  }

  reply preparation() {
    ready_ = with_.moves.prepare(what_);
    return {};
  }

  reply own_sample() {
    return attempt([this] {
      with_.between.barrier();
      reply r;
      r.value = ready_->sample_ns();
      return r;
    });
  }

  void sample() {
    if (root()) {
      lead();
    } else {
      while (told(false)) gather(stepped_sample(), "sample");
    }
  }

  reply stepped_sample() {
    with_.watch.step(wait_for_others(name_));
    return own_sample();
  }

  void lead() {
    auto& m = result_.measurement;
    std::vector<std::vector<double>> times(static_cast<std::size_t>(with_.between.ranks()));
    const auto one = [&]() -> std::chrono::duration<double, std::nano> {
      told(true);
      const auto all = gather(stepped_sample(), "sample");
      judge(all);
      if (m.status != measurement_status::ok) throw error(error_kind::collective, m.reason);
      double slowest = 0;
      for (std::size_t rank = 0; rank < all.size(); ++rank) {
        times[rank].push_back(all[rank].value);
        slowest = std::max(slowest, all[rank].value);
      }
      return std::chrono::duration<double, std::nano>(slowest);
    };
    try {
      auto sampled = bench::take_samples(one, with_.policy, with_.clock, with_.interrupted);
      m.samples_ns = std::move(sampled.samples_ns);
      m.stopped_by = sampled.stopped_by;
      m.warnings = std::move(sampled.warnings);
      result_.interrupted = sampled.stopped_by == results::stop_reason::interrupted;
      for (auto& rank : times) {
        // Without the warm-up, as the samples.
        if (rank.size() > m.samples_ns.size())
          rank.erase(rank.begin(), rank.end() - static_cast<std::ptrdiff_t>(m.samples_ns.size()));
        if (!rank.empty()) result_.rank_median_ns.push_back(summarize(rank).median);
      }
    } catch (const error&) {
      // A rank that said why has set the status; one that fell silent ends the run, others wait for no more.
      if (m.status == measurement_status::ok) throw;
    }
    told(false);
  }

  void note_method() {
    auto& m = result_.measurement;
    m.method = ready_->method();
    m.method["time"] = "of the slowest rank, after a barrier of all";
    const int launches = launches_per_sample(what_.bytes);
    if (launches > 1) m.method["launches_per_sample"] = std::to_string(launches);
  }

  void verify() {
    auto& m = result_.measurement;
    with_.watch.step(wait_for_others(name_ + ": check"));
    const auto all = gather(attempt([this] {
                              const auto found = ready_->verify();
                              reply r;
                              r.value = found.error;
                              r.tolerance = found.tolerance;
                              set_text(r, found.compared);
                              return r;
                            }),
                            "check");
    if (!root()) return;
    judge(all);
    if (m.status != measurement_status::ok) return;
    results::verification found{all.front().text.data(), 0, 0};
    std::vector<int> wrong;
    for (std::size_t rank = 0; rank < all.size(); ++rank) {
      found.error += all[rank].value;
      found.tolerance = std::max(found.tolerance, all[rank].tolerance);
      if (!(all[rank].value <= all[rank].tolerance)) wrong.push_back(static_cast<int>(rank));
    }
    m.verification = found;
    if (wrong.empty()) return;
    m.status = measurement_status::failed;
    m.reason = fmt::format("wrong result on {}: {} wrong elements ({})", rank_list(wrong), found.error, found.compared);
  }

  void finish() {
    auto& m = result_.measurement;
    results::complete(m);
    if (m.status != measurement_status::ok) m.rate = {};
  }

  const collective_case& what_;
  surroundings& with_;
  std::string name_;
  std::unique_ptr<prepared_collective> ready_;
  collective_result result_;
};

}  // namespace

collective_result measure(const collective_case& what, surroundings& with) {
  return lockstep(what, with).run();
}

std::string describe(const collective_case& what) {
  std::string text =
      fmt::format("{} of {} bytes, {}", name_of(kinds, what.kind), what.bytes, name_of(types, what.type));
  if (kernels::reduces(what.kind)) text += fmt::format(", {}", name_of(reductions, what.operation));
  text += fmt::format(", {}", name_of(placements, what.where));
  if (!what.algorithm.empty()) text += fmt::format(", {}", what.algorithm);
  if (!what.protocol.empty()) text += fmt::format(", {}", what.protocol);
  return text;
}

results::parameters parameters_of(const collective_case& what) {
  results::parameters values{{"bytes", static_cast<std::int64_t>(what.bytes)},
                             {"ranks", std::int64_t{what.ranks}},
                             {"type", std::string(name_of(types, what.type))}};
  if (kernels::reduces(what.kind)) values.emplace_back("operation", std::string(name_of(reductions, what.operation)));
  values.emplace_back("placement", std::string(name_of(placements, what.where)));
  if (what.kind == collective_kind::pair_exchange) values.emplace_back("round", std::int64_t{what.round});
  if (!what.algorithm.empty()) values.emplace_back("algorithm", what.algorithm);
  if (!what.protocol.empty()) values.emplace_back("protocol", what.protocol);
  return values;
}

results::work_done work_of(const collective_case& what) {
  results::work_done work;
  work.bytes = static_cast<double>(what.bytes);
  work.bus_bytes = static_cast<double>(what.bytes) * bus_factor(what.kind, what.ranks);
  return work;
}

}  // namespace gpubench::collective
