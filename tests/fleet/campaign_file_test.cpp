#include "fleet/campaign_file.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "tests/fleet/sample_campaign.hpp"

namespace gpubench::fleet {
namespace {

TEST(campaign_file, holds_the_whole_campaign) {
  auto value = sample_campaign();
  value.image = "registry/gpubench:1";
  value.settings = {{"partition", "gpu"}};
  auto& one = value.jobs.front();
  one.hosts = {"a", "b", "c", "d"};
  one.instance_type = "p5.48xlarge";
  one.gpu_product = "NVIDIA-H100-80GB-HBM3";
  one.gpu_resource = "nvidia.com/gpu";
  one.ranks_per_node = 4;
  one.cpus_per_node = 96;
  one.memory_bytes = 1e12;
  one.spot = true;
  one.time_limit = std::chrono::seconds(1800);
  EXPECT_EQ(campaign_from_json(to_json(value), "campaign.json"), value);
  EXPECT_EQ(campaign_from_json(to_json(sample_campaign()), "campaign.json"), sample_campaign());
}

TEST(campaign_file, what_is_wrong_is_named) {
  auto document = to_json(sample_campaign());
  document["jobs"][0]["nodes"] = 0;
  try {
    campaign_from_json(document, "campaign.json");
    ADD_FAILURE();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_NE(e.describe().find("jobs[0].nodes"), std::string::npos) << e.describe();
  }
  document = to_json(sample_campaign());
  document["schema"] = "gpubench.fleet/2";
  EXPECT_THROW(campaign_from_json(document, "campaign.json"), error);
  EXPECT_THROW(load_campaign("/nonexistent"), error);
}

}  // namespace
}  // namespace gpubench::fleet
