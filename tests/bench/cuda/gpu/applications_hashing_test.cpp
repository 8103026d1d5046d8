#include "on_device.hpp"

namespace gpubench::bench {
namespace {

class hashing_on_device : public on_device {};

TEST_F(hashing_on_device, hash_rates_are_of_right_hashes) {
  for (const char* name : {"sha256d", "blake2b"}) {
    for (const std::int64_t runs : {1, 7, 1000}) expect_right(name, {{"hashes", runs * 4096}});
  }
}

TEST_F(hashing_on_device, equihash_finds_valid_solutions_for_all_parameters) {
  expect_right("equihash", {{"n", std::int64_t{96}}, {"k", std::int64_t{5}}});
  expect_right("equihash", {{"n", std::int64_t{200}}, {"k", std::int64_t{9}}});
  expect_right("equihash", {{"n", std::int64_t{144}}, {"k", std::int64_t{5}}});
}

}  // namespace
}  // namespace gpubench::bench
