#include "core/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(split, keeps_empty_parts_and_trims) {
  EXPECT_THAT(split("", ','), IsEmpty());
  EXPECT_THAT(split("a", ','), ElementsAre("a"));
  EXPECT_THAT(split(" a ,,b,", ','), ElementsAre("a", "", "b", ""));
}

TEST(trim, removes_blanks_at_both_ends) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n "), "");
}

TEST(join, puts_the_separator_between) {
  EXPECT_EQ(join({"a", "b", "c"}, ", "), "a, b, c");
  EXPECT_EQ(join({}, ", "), "");
}

TEST(nearest_names, puts_the_best_first) {
  const std::vector<std::string> names{"resnet50-infer", "resnet50-train", "bert-large-train", "llama3-8b-serve"};
  EXPECT_EQ(nearest_names("resnet50-trian", names).front(), "resnet50-train");
  EXPECT_EQ(nearest_names("RESNET50-TRAIN", names).front(), "resnet50-train");
  EXPECT_THAT(nearest_names("bert", names), ElementsAre("bert-large-train"));
  EXPECT_THAT(nearest_names("zzzz", names), IsEmpty());
  EXPECT_THAT(nearest_names("", names), IsEmpty());
  EXPECT_EQ(nearest_names("resnet50", names, 1).size(), 1U);
}

TEST(suggestion, is_empty_when_nothing_is_similar) {
  EXPECT_EQ(suggestion("gemm_fp23", {"gemm_fp32", "triad"}), "did you mean 'gemm_fp32'?");
  EXPECT_EQ(suggestion("qqqqqqq", {"gemm_fp32"}), "");
}

TEST(parse_number, takes_whole_finite_numbers_only) {
  EXPECT_EQ(parse_number("-1.5e3"), -1500);
  for (const auto* text : {"", " 1", "1 ", "1,5", "nan", "inf", "1e999", "+1", "0x10", "1.2.3"})
    EXPECT_FALSE(parse_number(text)) << text;
}

TEST(parse_integer, refuses_overflow_and_fractions) {
  EXPECT_EQ(parse_integer("-42"), -42);
  for (const auto* text : {"", "9223372036854775808", "1.0", "1e3", "x"}) EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(shell_word, quotes_only_what_a_shell_would_read_otherwise) {
  EXPECT_EQ(shell_word("NCCL_DEBUG=INFO"), "NCCL_DEBUG=INFO");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b$(c)"), "'a b$(c)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
}

TEST(text, counts_have_the_right_number) {
  EXPECT_EQ(count_of(1, "measurement"), "1 measurement");
  EXPECT_EQ(count_of(0, "measurement"), "0 measurements");
  EXPECT_EQ(count_of(12, "GPU"), "12 GPUs");
}

}  // namespace
}  // namespace gpubench
