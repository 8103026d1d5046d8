#include "kernels/hashing.cuh"

#include "bench/cuda/module/benchmark.hpp"
#include "bench/cuda/module/failure.hpp"
#include "bench/cuda/module/timer.hpp"
#include "bench/cuda/module/watchdog.hpp"
#include "kernels/hashing_check.hpp"

#include <vector>

namespace gpubench::cuda {

namespace {

using kernels::hash_algorithm;
using kernels::hashes_per_checksum;

struct hashing_description {
  hash_algorithm algorithm;
  const char* name;
  const char* text;
};

constexpr hashing_description descriptions[] = {
    {hash_algorithm::sha256d, "sha256d",
     "Rate of SHA-256 of SHA-256 of 80-byte block headers that differ in their nonce, Bitcoin's proof of work"},
    {hash_algorithm::blake2b, "blake2b", "Rate of BLAKE2b-512 of 80-byte block headers that differ in their nonce"},
};

class hashing_case final : public prepared_case {
 public:
  hashing_case(hash_algorithm algorithm, std::int64_t hashes, const device_properties& device)
      : algorithm_(algorithm),
        header_(kernels::hash_header_of(kernels::sample_header())),
        runs_(static_cast<std::uint32_t>(hashes / hashes_per_checksum)),
        timer_(device, "hashing"),
        checksums_(runs_ * sizeof(unsigned long long)) {
    clear();
    wait_for(timer_.stream(), "clearing checksums");
  }

  sample_times sample() override {
    clear();
    return timer_.hot(
        [this] {
          kernels::launch_hashing(algorithm_, header_, checksums_.as<unsigned long long>(), runs_, timer_.stream());
        },
        1);
  }

  verification verify() override {
    wait_for(timer_.stream(), "hashing");
    std::vector<std::uint64_t> checksums(runs_);
    GPUBENCH_CUDA(cudaMemcpy(checksums.data(), checksums_.data(), checksums_.bytes(), cudaMemcpyDeviceToHost));
    return {"runs of 4,096 hashes, of 8 spread over all, whose checksum differs from that of the plain algorithm",
            static_cast<double>(kernels::wrong_checksums(algorithm_, checksums)), 0};
  }

  std::optional<double> clock_hertz() const override { return timer_.clock_hertz(); }
  method_notes notes() const override { return timer_.notes(); }

 private:
  void clear() { GPUBENCH_CUDA(cudaMemsetAsync(checksums_.data(), 0, checksums_.bytes(), timer_.stream())); }

  hash_algorithm algorithm_;
  kernels::hash_header header_;
  std::uint32_t runs_;
  timer timer_;
  device_buffer checksums_;
};

class hashing_benchmark final : public benchmark {
 public:
  explicit hashing_benchmark(const hashing_description& described) : described_(described) {}

  gpubench_module_benchmark description() const override {
    return {described_.name, described_.text, no_precision, GPUBENCH_MODULE_PEAK_NONE, GPUBENCH_MODULE_ONE_DEVICE, 0.3};
  }

  bool is_application() const override { return true; }

  gpubench_module_work work(const parameters& values) const override {
    gpubench_module_work result{};
    result.has_items = 1;
    result.items = static_cast<double>(positive_parameter(values, "hashes"));
    result.item = "hash";
    return result;
  }

  /// A few hundredths of a second: many waves of blocks on any GPU.
  std::vector<parameters> cases(gpubench_module_suite, const device_properties&) const override {
    return {make_parameters({{"hashes", std::int64_t{1} << 27}})};
  }

  std::optional<std::string> unavailable(const parameters& values, const device_properties& device) const override {
    const std::int64_t hashes = positive_parameter(values, "hashes");
    if (hashes % hashes_per_checksum != 0 || hashes > std::int64_t{1} << 32) {
      return "hashes must be a multiple of 4096, and at most 2^32, as there are nonces";
    }
    return no_code_for(device);
  }

  std::unique_ptr<prepared_case> prepare(const parameters& values, const device_properties& device) const override {
    return std::make_unique<hashing_case>(described_.algorithm, positive_parameter(values, "hashes"), device);
  }

 private:
  hashing_description described_;
};

const registration<hashing_benchmark> unused(descriptions);

}  // namespace

}  // namespace gpubench::cuda
