#include "bench/collective/shape.hpp"

#include "on_device.hpp"

namespace gpubench::bench {
namespace {

/// Runs on all GPUs; skips where there are not two, or NCCL is missing.
class on_all_devices : public on_device {
 protected:
  void SetUp() override {
    on_device::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ranks = static_cast<int>(backend.devices.size());
    if (const auto reason = named("all_reduce").unavailable(values("all_reduce", 1 << 10), where))
      GTEST_SKIP() << *reason;
  }

  results::parameters values(const std::string& kind, std::uint64_t bytes, const std::string& type = "fp32",
                             const std::string& operation = "sum",
                             const std::string& placement = "out_of_place") const {
    const auto size = collective::rounded_size(*collective::value_of(collective::kinds, kind),
                                               *collective::value_of(collective::types, type), ranks, bytes);
    return {{"bytes", static_cast<std::int64_t>(size)},
            {"ranks", std::int64_t{ranks}},
            {"type", type},
            {"operation", operation},
            {"placement", placement}};
  }

  void expect_right_collective(const std::string& kind, const results::parameters& parameters) {
    // The root of a broadcast in place holds the answer from the start.
    const bool root_holds_it = kind == "broadcast" && std::get<std::string>(parameters.back().second) == "in_place";
    const auto method = expect_right(named(kind), parameters, root_holds_it);
    if (!method.empty()) {
      EXPECT_FALSE(method.at("algorithm").empty()) << kind;
    }
  }

  int ranks = 0;
};

TEST_F(on_all_devices, every_collective_is_right_in_both_placements) {
  for (const auto& kind : collective::kinds) {
    for (const auto& placement : collective::placements) {
      for (const std::uint64_t bytes : {8, 100000, 1 << 22})
        expect_right_collective(kind.name, values(kind.name, bytes, "fp32", "sum", placement.name));
    }
  }
}

TEST_F(on_all_devices, every_type_and_reduction_is_right) {
  for (const auto& type : collective::types) {
    for (const auto& operation : collective::reductions)
      expect_right_collective("all_reduce", values("all_reduce", 100000, type.name, operation.name));
  }
}

TEST_F(on_all_devices, ring_can_be_forced_and_is_confirmed) {
  auto forced = values("all_reduce", 1 << 22);
  forced.emplace_back("algorithm", std::string("Ring"));
  forced.emplace_back("protocol", std::string("Simple"));
  const auto prepared = named("all_reduce").prepare(forced, where);
  prepared->sample();
  const auto told = prepared->method().at("algorithm");
  EXPECT_TRUE(told == "Ring Simple" || told == "RING SIMPLE") << told;
}

}  // namespace
}  // namespace gpubench::bench
