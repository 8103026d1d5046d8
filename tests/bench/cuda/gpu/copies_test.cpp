#include <gmock/gmock.h>

#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class copies_on_device : public on_device {
 protected:
  static bool is_copy(const std::string& name) {
    return name.find("_memcpy_") != std::string::npos || name.find("_to_one_") != std::string::npos ||
           name.find("one_to_all_") == 0 || name.find("_latency_sm") != std::string::npos ||
           name.find("_copy_latency_") != std::string::npos || name == "device_local_copy";
  }

  void expect_right_copy(const benchmark_definition& definition, const results::parameters& values) {
    const auto method = expect_right(definition, values);
    const auto interference = method.find("interference");
    if (interference != method.end()) {
      // A sample's last copy may outlive the others' by a little.
      EXPECT_THAT(interference->second, ::testing::MatchesRegex("during (the whole|9[0-9] % of the) measured time"))
          << definition.name;
    }
  }

  double rate(const std::string& name, const results::parameters& values) {
    const auto& definition = named(name);
    const auto prepared = definition.prepare(values, where);
    double least_ns = 1e30;
    for (int i = 0; i < 5; ++i) least_ns = std::min(least_ns, prepared->sample().count());
    return definition.work(values).bytes.value() / least_ns;
  }
};

TEST_F(copies_on_device, every_case_of_the_standard_suite_is_right_on_every_device) {
  for (const auto& definition : backend.benchmarks) {
    if (!is_copy(definition.name)) continue;
    for (const auto& values : definition.cases(suite::standard, where)) expect_right_copy(definition, values);
  }
}

TEST_F(copies_on_device, sizes_that_no_tile_divides_are_right) {
  for (const char* name :
       {"host_to_device_memcpy_ce", "device_to_host_memcpy_ce", "host_to_device_memcpy_sm", "device_to_host_memcpy_sm",
        "host_to_device_memcpy_pageable", "device_to_host_memcpy_pageable", "device_local_copy",
        "host_to_device_bidirectional_memcpy_sm"}) {
    for (const std::int64_t bytes : {16, 4112, 1000016, 100000016}) expect_right_copy(named(name), {{"bytes", bytes}});
  }
}

TEST_F(copies_on_device, a_device_copies_within_itself_faster_than_over_its_link_to_the_host) {
  const results::parameters values = {{"bytes", std::int64_t{256} << 20}};
  const double local = rate("device_local_copy", values);
  const double from_host = rate("host_to_device_memcpy_ce", values);
  EXPECT_GT(local, from_host);
  EXPECT_GT(from_host, 1.0);  // GB/s: one lane of PCIe 3 has about that
}

TEST_F(copies_on_device, a_load_from_the_host_takes_longer_than_a_cache_and_less_than_a_page_fault) {
  const results::parameters values = {{"working_set_bytes", std::int64_t{2} << 20}};
  const auto prepared = named("host_device_latency_sm").prepare(values, where);
  const double ns = prepared->sample().count();
  EXPECT_GT(ns, 100);
  EXPECT_LT(ns, 10000);
}

}  // namespace
}  // namespace gpubench::bench
