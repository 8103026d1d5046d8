#include "bench/cuda/loader.hpp"

#include "bench/cuda/module_interface.h"
#include "bench/libraries.hpp"
#include "core/error.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>

#include "tests/temporary_folder.hpp"

namespace gpubench::bench {
namespace {

using ::testing::HasSubstr;

std::filesystem::path stand_in(const std::string& name) {
  return std::filesystem::path(STAND_INS_DIR) / ("stand_in_" + name + ".so");
}

void expect_refused(const cuda_backend& backend, cuda_state state, const std::string& sentence,
                    const std::string& hint) {
  EXPECT_EQ(backend.state, state);
  EXPECT_THAT(backend.status, HasSubstr(sentence));
  EXPECT_THAT(backend.hint, HasSubstr(hint));
  EXPECT_TRUE(backend.benchmarks.empty());
  EXPECT_TRUE(backend.devices.empty());
}

TEST(cuda_loader, a_missing_file_is_not_built_or_not_installed) {
  const auto backend = load_cuda_backend("/no/such/folder/gpubench_cuda.so");
  expect_refused(backend, cuda_state::module_not_found, "/no/such/folder/gpubench_cuda.so not found",
                 "GPUBENCH_CUDA_MODULE");
}

TEST(cuda_loader, a_missing_library_is_named) {
  expect_refused(load_cuda_backend(stand_in("needs_missing")), cuda_state::library_missing,
                 "needs libgpubench_absent.so, which is missing", "LD_LIBRARY_PATH");
}

TEST(cuda_loader, a_file_that_is_no_library_is_not_loadable) {
  const temporary_folder folder;
  const auto file = folder.write("not_a_library.so", "plain text\n");
  expect_refused(load_cuda_backend(file), cuda_state::module_unloadable, "cannot be loaded", "build the module again");
}

TEST(cuda_loader, another_library_has_no_symbol) {
  expect_refused(load_cuda_backend(stand_in("no_symbol")), cuda_state::symbol_missing, "not a gpubench module",
                 "this version of gpubench");
}

TEST(cuda_loader, another_version_is_refused_before_anything_is_called) {
  expect_refused(load_cuda_backend(stand_in("other_version")), cuda_state::other_version,
                 "has interface version 999, this program needs " + std::to_string(GPUBENCH_MODULE_INTERFACE_VERSION),
                 "same version");
}

TEST(cuda_loader, no_driver) {
  expect_refused(load_cuda_backend(stand_in("no_driver")), cuda_state::no_driver,
                 "no NVIDIA driver (libcuda.so.1 not found)", "install NVIDIA's driver");
}

TEST(cuda_loader, a_driver_too_old) {
  expect_refused(load_cuda_backend(stand_in("old_driver")), cuda_state::driver_too_old,
                 "driver is too old: scripted detail", "scripted hint");
}

TEST(cuda_loader, no_device) {
  expect_refused(load_cuda_backend(stand_in("no_device")), cuda_state::no_device,
                 "no NVIDIA GPU is visible: scripted detail", "scripted hint");
}

TEST(cuda_loader, a_driver_that_fails) {
  expect_refused(load_cuda_backend(stand_in("failed")), cuda_state::failed, "driver failed: scripted detail",
                 "scripted hint");
}

TEST(cuda_loader, the_variable_names_the_only_candidate) {
  ::setenv("GPUBENCH_CUDA_MODULE", "/named/by/variable.so", 1);
  const auto candidates = cuda_module_candidates();
  ::unsetenv("GPUBENCH_CUDA_MODULE");
  ASSERT_EQ(candidates.size(), 1u);
  EXPECT_EQ(candidates[0], "/named/by/variable.so");
}

TEST(cuda_loader, without_the_variable_it_looks_beside_the_program_then_in_the_installation) {
  ::unsetenv("GPUBENCH_CUDA_MODULE");
  const auto here = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  const auto candidates = cuda_module_candidates();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0], here / "gpubench_cuda.so");
  EXPECT_THAT(candidates[1].string(), HasSubstr("/gpubench/gpubench_cuda.so"));
  EXPECT_THAT(candidates[1].string(), HasSubstr("lib"));
}

/// The good stand-in, loaded.
class loaded_module : public ::testing::Test {
 protected:
  loaded_module() : backend(load_cuda_backend(stand_in("good"))) {}

  const benchmark_definition& on_first() const { return backend.benchmarks.at(0); }
  const benchmark_definition& on_second() const { return backend.benchmarks.at(1); }
  std::unique_ptr<prepared_case> prepare(std::int64_t n) const { return on_first().prepare({{"n", n}}, where); }

  static int open_cases() {
    void* library = dlopen(stand_in("good").c_str(), RTLD_NOW | RTLD_NOLOAD);
    return reinterpret_cast<int (*)()>(dlsym(library, "stand_in_open_cases"))();
  }

  cuda_backend backend;
  results::environment environment;
  machine where{environment};
};

TEST_F(loaded_module, says_what_is_used) {
  EXPECT_EQ(backend.state, cuda_state::ready);
  EXPECT_EQ(backend.status, "2 GPUs, stand-in 1.0");
  EXPECT_EQ(backend.hint, "");
}

TEST_F(loaded_module, has_its_devices) {
  ASSERT_EQ(backend.devices.size(), 2u);
  EXPECT_EQ(backend.devices[0].name, "gpu0");
  EXPECT_EQ(backend.devices[0].model, "First GPU");
  EXPECT_EQ(backend.devices[0].uuid, "GPU-1");
  EXPECT_EQ(backend.devices[1].name, "gpu1");
  EXPECT_FALSE(backend.devices[1].uuid.has_value());
  EXPECT_EQ(backend.devices[1].memory_bytes, 80e9);
  EXPECT_EQ(backend.devices[1].multiprocessors, 132);
}

TEST_F(loaded_module, gives_one_definition_per_benchmark_and_device) {
  ASSERT_EQ(backend.benchmarks.size(), 2u);
  EXPECT_EQ(backend.benchmarks[0].device, "gpu0");
  EXPECT_EQ(backend.benchmarks[1].device, "gpu1");
  for (const auto& definition : backend.benchmarks) {
    EXPECT_EQ(definition.name, "scripted");
    EXPECT_EQ(definition.backend, "cuda");
    EXPECT_EQ(definition.description, "Does what its parameter says");
    EXPECT_EQ(definition.precision, models::precision::bf16);
    EXPECT_EQ(definition.peak, benchmark_definition::peak_kind::dense);
  }
}

TEST_F(loaded_module, lists_the_cases_of_each_suite_and_device) {
  EXPECT_EQ(on_first().cases(suite::quick, where), (std::vector<results::parameters>{{{"n", std::int64_t{10}}}}));
  EXPECT_EQ(backend.benchmarks[1].cases(suite::full, where),
            (std::vector<results::parameters>{{{"n", std::int64_t{20}}}, {{"n", std::int64_t{21}}}}));
}

TEST_F(loaded_module, keeps_unknown_work_absent) {
  const auto work = on_first().work({{"n", std::int64_t{7}}});
  EXPECT_EQ(work.flop, 14.0);
  EXPECT_FALSE(work.bytes.has_value());
  EXPECT_EQ(work.items, 5.0);
  EXPECT_EQ(work.item, "token");
}

TEST_F(loaded_module, passes_on_why_a_case_is_unavailable) {
  EXPECT_EQ(on_first().unavailable({{"n", std::int64_t{13}}}, where), "thirteen brings bad luck");
  EXPECT_FALSE(on_first().unavailable({{"n", std::int64_t{12}}}, where).has_value());
}

TEST_F(loaded_module, samples_verifies_and_releases) {
  const int before = open_cases();
  {
    const auto prepared = prepare(10);
    EXPECT_EQ(open_cases(), before + 1);
    EXPECT_EQ(prepared->sample().count(), 1000);
    EXPECT_EQ(prepared->sample().count(), 2000);
    const auto verification = prepared->verify();
    EXPECT_EQ(verification.compared, "nothing much");
    EXPECT_EQ(verification.error, 0.25);
    EXPECT_EQ(verification.tolerance, 0.5);
    EXPECT_TRUE(verification.passed());
    EXPECT_EQ(prepared->telemetry().clock_hertz, 1.5e9);
    EXPECT_FALSE(prepared->telemetry().power_watts.has_value());
  }
  EXPECT_EQ(open_cases(), before);
}

TEST_F(loaded_module, out_of_device_memory_is_its_own_kind) {
  try {
    prepare(99);
    FAIL() << "no error";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::out_of_device_memory);
    EXPECT_THAT(e.what(), HasSubstr("device 0: out of device memory in cudaMalloc(99 bytes)"));
    EXPECT_EQ(e.hint(), "scripted hint");
  }
}

TEST_F(loaded_module, a_lost_device_ends_its_own_run_only) {
  const auto prepared = prepare(666);
  EXPECT_THROW(prepared->sample(), error);
  const auto reason = on_first().unavailable({{"n", std::int64_t{12}}}, where);
  ASSERT_TRUE(reason.has_value());
  EXPECT_THAT(*reason, HasSubstr("gpu0 failed earlier in this run"));
  EXPECT_THAT(*reason, HasSubstr("illegal memory access"));
  EXPECT_FALSE(backend.benchmarks[1].unavailable({{"n", std::int64_t{12}}}, where).has_value());
}

TEST_F(loaded_module, of_several_devices_those_are_gone_that_show_it) {
  const auto prepared = prepare(667);
  EXPECT_THROW(prepared->sample(), error);
  EXPECT_FALSE(on_first().unavailable({{"n", std::int64_t{12}}}, where).has_value());
  EXPECT_THAT(on_second().unavailable({{"n", std::int64_t{12}}}, where).value_or(""), HasSubstr("gpu1 failed earlier"));
  EXPECT_THAT(on_first().unavailable({{"n", std::int64_t{667}}}, where).value_or(""), HasSubstr("gpu1 failed earlier"))
      << "a case of the first device that also uses the second";
}

TEST_F(loaded_module, where_none_of_several_devices_shows_it_all_are_gone) {
  try {
    prepare(668)->sample();
    FAIL() << "no error";
  } catch (const error& e) {
    EXPECT_THAT(e.what(), HasSubstr("devices 0, 1: an illegal memory access"));
  }
  EXPECT_TRUE(on_first().unavailable({{"n", std::int64_t{12}}}, where).has_value());
  EXPECT_TRUE(on_second().unavailable({{"n", std::int64_t{12}}}, where).has_value());
}

TEST_F(loaded_module, a_time_of_zero_is_an_error_not_an_infinite_rate) {
  const auto prepared = prepare(0);
  EXPECT_THROW(prepared->sample(), error);
}

TEST_F(loaded_module, what_turns_out_unsupported_is_no_failure_of_the_device) {
  try {
    prepare(77);
    FAIL() << "no exception";
  } catch (const unsupported_case& e) {
    EXPECT_THAT(e.what(), HasSubstr("no engine for seventy-seven"));
  }
  EXPECT_FALSE(on_first().unavailable({{"n", std::int64_t{12}}}, where).has_value());
}

TEST_F(loaded_module, a_hung_device_is_named_and_not_used_again) {
  EXPECT_FALSE(cuda_device_hangs());
  const auto prepared = prepare(55);
  EXPECT_THROW(prepared->sample(), error);
  EXPECT_TRUE(cuda_device_hangs());
  EXPECT_THAT(on_first().unavailable({{"n", std::int64_t{12}}}, where).value_or(""), HasSubstr("did not end within"));
}

TEST_F(loaded_module, work_that_hangs_costs_every_device_that_takes_part) {
  const auto prepared = prepare(56);
  EXPECT_THROW(prepared->sample(), error);
  for (const auto* definition : {&on_first(), &on_second()}) {
    EXPECT_THAT(definition->unavailable({{"n", std::int64_t{12}}}, where).value_or(""),
                HasSubstr("did not end within"));
  }
}

TEST_F(loaded_module, tells_host_time_clock_and_method_of_a_sample) {
  const auto prepared = prepare(3);
  EXPECT_EQ(prepared->sample().count(), 1000.0);
  EXPECT_EQ(prepared->last_sample().host_ns, 250.0);
  EXPECT_EQ(prepared->last_sample().clock_hertz, 1.5e9);
  EXPECT_EQ(prepared->method().at("cache_state"), "cold");
}

TEST_F(loaded_module, names_the_libraries_that_it_runs_on) {
  EXPECT_EQ(library_versions().at("stand in library"), "1.2");
}

}  // namespace
}  // namespace gpubench::bench
