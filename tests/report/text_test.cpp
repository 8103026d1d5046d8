#include "core/error.hpp"
#include "report/grid.hpp"
#include "report/text_width.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace gpubench::report {
namespace {

TEST(text_width, counts_characters_and_not_bytes) {
  EXPECT_EQ(display_width("time h"), 6u);
  EXPECT_EQ(display_width("19.8 ±2.3"), 9u);
  EXPECT_EQ(display_width("4 × L4"), 6u);
  EXPECT_EQ(display_width("17.9–22.4…"), 10u);
  EXPECT_EQ(display_width("杭州"), 4u);
  EXPECT_EQ(display_width("e\xcc\x81"), 1u);  // e and a combining acute accent
}

TEST(text_width, counts_a_stray_byte_as_one) {
  EXPECT_EQ(display_width("a\xff"
                          "b"),
            3u);
  EXPECT_EQ(display_width("\xe2\x80"), 2u);  // a cut-off sequence
}

TEST(text_width, pads_and_shortens_by_columns) {
  EXPECT_EQ(pad("±2", 4, true), "  ±2");
  EXPECT_EQ(pad("±2", 4, false), "±2  ");
  EXPECT_EQ(pad("long", 2, false), "long");
  EXPECT_EQ(shorten("±12345", 4), "±12…");
  EXPECT_EQ(shorten("abcd", 4), "abcd");
  EXPECT_EQ(shorten("abcd", 0), "");
}

TEST(text_width, wraps_at_spaces_and_keeps_long_words) {
  EXPECT_EQ(wrap("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrap("incomprehensible yes", 5), (std::vector<std::string>{"incomprehensible", "yes"}));
  EXPECT_EQ(wrap("at least 95 % of it", 12), (std::vector<std::string>{"at least", "95 % of it"}));
  EXPECT_EQ(wrap("", 5), (std::vector<std::string>{""}));
}

TEST(text_width, makes_escape_sequences_harmless) {
  EXPECT_EQ(printable("a\x1b[31mb\n\xc2\x9b"
                      "c\x7f"),
            "a?[31mb??c?");
  EXPECT_EQ(printable("4 × L4"), "4 × L4");
}

grid sample_grid() {
  grid cells;
  cells.columns = {{"offer", false, 0}, {"cost $", true, 0}, {"basis", false, 2}, {"bound", false, 1}};
  cells.rows = {{"aws g6.12xlarge spot", "61 ±8", "calibrated", "memory"}, {"aws p5", "1,210", "measured", "host"}};
  return cells;
}

std::string text_of(const grid& cells, int width) {
  std::ostringstream out;
  style look;
  look.width = width;
  write_text(cells, look, out);
  return out.str();
}

TEST(grid, aligns_columns_by_characters) {
  EXPECT_EQ(text_of(sample_grid(), 100),
            "offer                 cost $  basis       bound\n"
            "aws g6.12xlarge spot   61 ±8  calibrated  memory\n"
            "aws p5                 1,210  measured    host\n");
}

TEST(grid, drops_the_least_important_columns_of_a_narrow_terminal) {
  EXPECT_EQ(text_of(sample_grid(), 40),
            "offer                 cost $  bound\n"
            "aws g6.12xlarge spot   61 ±8  memory\n"
            "aws p5                 1,210  host\n");
}

TEST(grid, shortens_text_but_never_a_number) {
  EXPECT_EQ(text_of(sample_grid(), 20),
            "offer         cost $\n"
            "aws g6.12xl…   61 ±8\n"
            "aws p5         1,210\n");
}

TEST(grid, writes_markdown_that_cannot_break_the_table) {
  grid cells;
  cells.columns = {{"offer", false, 0}, {"n", true, 0}};
  cells.rows = {{"a|b <img> *x* gemm_fp32", "3"}};
  std::ostringstream out;
  write_markdown(cells, out);
  EXPECT_EQ(out.str(), "| offer | n |\n| --- | ---: |\n| a\\|b &lt;img> \\*x\\* gemm_fp32 | 3 |\n");
}

TEST(markdown_escape, keeps_names_from_calling_people_and_issues) {
  EXPECT_EQ(markdown_escape("@all fixes #12, a@b, C# @ 5"), "@&#8203;all fixes #&#8203;12, a@&#8203;b, C# @ 5");
}

TEST(grid, paints_only_when_asked) {
  style look;
  EXPECT_EQ(paint(look, emphasis::strong, "x"), "x");
  look.colour = true;
  EXPECT_EQ(paint(look, emphasis::strong, "x"), "\x1b[1mx\x1b[0m");
}

}  // namespace
}  // namespace gpubench::report
