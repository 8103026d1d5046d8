#include "results/device_name.hpp"

#include <gmock/gmock.h>

namespace gpubench::results {
namespace {

using testing::ElementsAre;

TEST(device_name, of_several_gpus_names_each_once) {
  EXPECT_THAT(gpus_named("gpu3").value(), ElementsAre(gpu_span{3, 3}));
  EXPECT_THAT(gpus_named("gpu0-7").value(), ElementsAre(gpu_span{0, 7}));
  EXPECT_THAT(gpus_named("gpu0+2").value(), ElementsAre(gpu_span{0, 0}, gpu_span{2, 2}));
  EXPECT_THAT(gpus_named("gpu4+0-1").value(), ElementsAre(gpu_span{0, 1}, gpu_span{4, 4}));
  EXPECT_EQ(count_of_gpus("gpu3"), 1);
  EXPECT_EQ(count_of_gpus("gpu0-7"), 8);
  EXPECT_EQ(count_of_gpus("gpu0+2"), 2);
  EXPECT_EQ(count_of_gpus("gpu0-1+4"), 3);
}

TEST(device_name, that_does_not_tell_the_gpus_gives_nothing) {
  for (const char* name : {"", "cpu", "unknown", "gpu", "gpu-1", "gpu0-", "gpu+0", "gpu0+", "gpu0;2", "gpu 0", "gpu0 ",
                           "gpu1-0", "gpu0-3+2", "gpu2+2", "gpu0-1-2", "gpu1e3", "gpu9999999999999999999"}) {
    EXPECT_FALSE(gpus_named(name)) << name;
    EXPECT_FALSE(count_of_gpus(name)) << name;
  }
  EXPECT_TRUE(is_gpu_name("gpu0;2"));
  EXPECT_FALSE(is_gpu_name("cpu"));
}

}  // namespace
}  // namespace gpubench::results
