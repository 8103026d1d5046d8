#include "predictor/case_parameters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace gpubench::predictor {
namespace {

using ::testing::HasSubstr;

case_parameters parsed(std::string_view text) {
  return case_parameters::parse(text, {"cases.csv", 7, 12});
}

/// The error of a call, as the user sees it.
template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    return e.describe();
  }
  ADD_FAILURE() << "nothing was refused";
  return {};
}

TEST(case_parameters, reads_keys_values_and_switches) {
  const case_parameters p = parsed(" op = linear; m=16;bias;causal=;n = 1e3;");
  EXPECT_EQ(p.text("op"), "linear");
  EXPECT_EQ(p.size("m"), 16);
  EXPECT_EQ(p.size("n"), 1000);
  EXPECT_TRUE(p.flag("bias", false));
  EXPECT_FALSE(p.has("causal"));
  EXPECT_EQ(p.text("causal", "otherwise"), "otherwise");
  EXPECT_EQ(p.size("k", 5), 5);
}

TEST(case_parameters, refuses_a_value_without_key_and_a_key_twice_where_they_stand) {
  EXPECT_THAT(refusal([] { parsed("=5"); }), HasSubstr("cases.csv:7:12"));
  EXPECT_THAT(refusal([] { parsed("m=1;m=2"); }), HasSubstr("'m' stands twice"));
}

TEST(case_parameters, a_missing_key_names_what_is_near_or_there) {
  const case_parameters p = parsed("op=conv2d;kernel_sise=3");
  EXPECT_THAT(refusal([&] { p.size("kernel_size"); }), HasSubstr("did you mean 'kernel_sise'"));
  EXPECT_THAT(refusal([&] { p.size("zzz"); }), HasSubstr("it has: kernel_sise, op"));
}

TEST(case_parameters, a_size_is_a_whole_number_of_sane_size) {
  const case_parameters p = parsed("zero=0;negative=-3;part=1.5;word=many;most=1073741824;more=1073741825;nan=nan");
  for (const char* key : {"zero", "negative", "part", "word", "more", "nan"})
    EXPECT_THAT(refusal([&] { p.size(key); }), HasSubstr(std::string(key) + "="));
  EXPECT_EQ(p.size("most"), std::int64_t{1} << 30);
}

TEST(case_parameters, flags_and_numbers) {
  const case_parameters p = parsed("a=TRUE;b=no;c=maybe;d=-1;e=0.5;f=inf");
  EXPECT_TRUE(p.flag("a", false));
  EXPECT_FALSE(p.flag("b", true));
  EXPECT_TRUE(p.flag("absent", true));
  EXPECT_THAT(refusal([&] { p.flag("c", true); }), HasSubstr("c=maybe is neither true nor false"));
  EXPECT_THAT(refusal([&] { p.number("d"); }), HasSubstr("d=-1"));
  EXPECT_DOUBLE_EQ(p.number("e"), 0.5);
  EXPECT_THAT(refusal([&] { p.number("f"); }), HasSubstr("f=inf"));
}

TEST(case_parameters, tells_which_keys_nobody_asked_for) {
  const case_parameters p = parsed("op=linear;m=1;kk=2;empty=");
  p.text("op");
  p.size("m");
  EXPECT_EQ(p.unused(), "kk");
  EXPECT_EQ(p.size("kk"), 2);
  EXPECT_EQ(p.unused(), "");
}

}  // namespace
}  // namespace gpubench::predictor
