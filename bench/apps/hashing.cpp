#include "bench/apps/hashing_loops.hpp"
#include "bench/clock.hpp"
#include "bench/host/operands.hpp"
#include "bench/registry.hpp"
#include "kernels/hashing_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <vector>

namespace gpubench::bench::apps {
namespace {

using kernels::hash_algorithm;
using kernels::hashes_per_checksum;

class hashing_case : public prepared_case {
 public:
  hashing_case(hash_algorithm algorithm, const results::parameters& params)
      : algorithm_(algorithm),
        loop_(hashing_loops_of(algorithm).front()),
        header_(kernels::hash_header_of(kernels::sample_header())),
        threads_(static_cast<int>(host::size_of(params, "threads"))),
        checksums_(static_cast<std::size_t>(host::size_of(params, "hashes")) / hashes_per_checksum) {}

  std::chrono::duration<double, std::nano> sample() override {
    std::fill(checksums_.begin(), checksums_.end(), 0);
    const auto start = steady_now();
    // A run of hashes takes 0.1 ms: small enough that a thread that lost its core for a while leaves the rest to
    // others.
#pragma omp parallel for num_threads(threads_) schedule(dynamic)
    for (std::size_t run = 0; run < checksums_.size(); ++run) {
      checksums_[run] = loop_.checksum(header_, static_cast<std::uint32_t>(run * hashes_per_checksum));
    }
    return steady_now() - start;
  }

  results::verification verify() override {
    return {"runs of 4,096 hashes, of 8 spread over all, whose checksum differs from that of the plain algorithm",
            static_cast<double>(kernels::wrong_checksums(algorithm_, checksums_)), 0};
  }

  std::map<std::string, std::string> method() override {
    return {{"instructions", fmt::format("{}, {} hashes side by side", loop_.instructions, loop_.lanes)}};
  }

 private:
  hash_algorithm algorithm_;
  hashing_loop loop_;
  kernels::hash_header header_;
  int threads_;
  std::vector<std::uint64_t> checksums_;
};

benchmark_definition hashing_definition(hash_algorithm algorithm, const char* name, const char* description) {
  benchmark_definition definition;
  definition.name = name;
  definition.description = description;
  definition.backend = "host";
  definition.application = true;
  // 0.02 to 0.1 s a sample; all cores first, then one.
  definition.cases = [](suite, const machine& where) {
    std::vector<results::parameters> cases;
    for (const std::int64_t threads : {std::int64_t{where.threads}, std::int64_t{1}}) {
      cases.push_back({{"hashes", threads << 20}, {"threads", threads}});
      if (where.threads == 1) break;
    }
    return cases;
  };
  definition.work = [](const results::parameters& params) {
    results::work_done work;
    work.items = static_cast<double>(host::size_of(params, "hashes"));
    work.item = "hash";
    return work;
  };
  definition.unavailable = [](const results::parameters& params, const machine&) -> std::optional<std::string> {
    const std::int64_t hashes = host::size_of(params, "hashes");
    if (hashes < hashes_per_checksum || hashes % hashes_per_checksum != 0 || hashes > std::int64_t{1} << 32) {
      return fmt::format("hashes must be a multiple of {}, and at most 2^32, as there are nonces", hashes_per_checksum);
    }
    if (host::size_of(params, "threads") < 1) return "threads must be at least 1";
    return std::nullopt;
  };
  definition.prepare = [algorithm](const results::parameters& params, const machine&) {
    return std::make_unique<hashing_case>(algorithm, params);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(0.3); };
  return definition;
}

const registration sha256d{hashing_definition(
    hash_algorithm::sha256d, "sha256d",
    "Rate of SHA-256 of SHA-256 of 80-byte block headers that differ in their nonce, Bitcoin's proof of work")};
const registration blake2b{hashing_definition(
    hash_algorithm::blake2b, "blake2b", "Rate of BLAKE2b-512 of 80-byte block headers that differ in their nonce")};

}  // namespace
}  // namespace gpubench::bench::apps
