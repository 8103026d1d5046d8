#include "core/csv.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

void expect_refusal(const std::string& text, const std::string& place, const std::string& sentence) {
  try {
    csv_table::parse(text, "t.csv");
    ADD_FAILURE() << "accepted " << text;
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::input);
    EXPECT_EQ(failure.where().to_string(), place);
    EXPECT_EQ(std::string(failure.what()), sentence);
  }
}

TEST(csv_table, reads_quotes_commas_line_breaks_and_blank_lines) {
  const auto table = csv_table::parse("name,note\n\"a,b\",\"say \"\"hi\"\"\"\n\nc,\"two\nlines\"\n", "t.csv");
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table[0].text("name"), "a,b");
  EXPECT_EQ(table[0].text("note"), "say \"hi\"");
  EXPECT_EQ(table[1].text("note"), "two\nlines");
}

TEST(csv_table, reads_what_spreadsheets_write) {
  const auto table =
      csv_table::parse("\xEF\xBB\xBFname,gib\r\nA100,80\r\nH100,", "t.csv");  // BOM, CRLF, no last newline
  ASSERT_EQ(table.size(), 2U);
  EXPECT_EQ(table.header().front(), "name");
  EXPECT_EQ(table[0].required_number("gib"), 80);
  EXPECT_FALSE(table[1].number("gib"));
}

TEST(csv_table, knows_where_a_cell_stands) {
  const auto table = csv_table::parse("a,b\n\"x\ny\",1\nz,bad\n", "t.csv");
  EXPECT_EQ(table[0].position("b").to_string(), "t.csv:3:4");
  EXPECT_EQ(table[1].position("b").to_string(), "t.csv:4:3");
  EXPECT_EQ(table[1].position().to_string(), "t.csv:4:1");
  try {
    table[1].number("b");
    FAIL();
  } catch (const error& failure) {
    EXPECT_EQ(failure.describe(), "error: t.csv:4:3: b 'bad' is not a number");
  }
}

TEST(csv_table, refuses_numbers_that_are_none) {
  const auto table = csv_table::parse("a\nnan\ninf\n1e999\n0x10\n1 2\n", "t.csv");
  for (std::size_t i = 0; i < table.size(); ++i) EXPECT_THROW(table[i].number("a"), error) << table[i].text("a");
}

TEST(csv_table, refuses_malformed_files_with_the_place) {
  expect_refusal("", "t.csv", "the file is empty");
  expect_refusal("\xEF\xBB\xBF", "t.csv", "the file is empty");
  expect_refusal("\n", "t.csv:1:1", "the header has a column without a name");
  expect_refusal("a,b,a\n", "t.csv:1:5", "column 'a' stands twice in the header");
  expect_refusal("a,b\n1,2\n3\n", "t.csv:3:1", "record has 1 cells, the header has 2");
  expect_refusal("a,b\n1,2,3\n", "t.csv:2:5", "record has 3 cells, the header has 2");
  expect_refusal("a,b\n1,\"cut off", "t.csv:2:3", "quoted cell is never closed");
  expect_refusal("a,b\n\"1\"x,2\n", "t.csv:2:4", "text after the closing quote of a cell");
}

TEST(csv_table, suggests_the_column_that_was_meant) {
  const auto table = csv_table::parse("memory_gib\n80\n", "t.csv");
  try {
    table[0].text("memory_gb");
    FAIL();
  } catch (const error& failure) {
    EXPECT_EQ(failure.hint(), "did you mean 'memory_gib'?");
  }
  EXPECT_THROW(table.require_columns({"memory_gib", "name"}), error);
  EXPECT_NO_THROW(table.require_columns({"memory_gib"}));
  EXPECT_FALSE(table[0].has("name"));
}

TEST(csv_table, refuses_an_empty_required_cell) {
  const auto table = csv_table::parse("a,b\n,1\n", "t.csv");
  EXPECT_THROW(table[0].required_text("a"), error);
  EXPECT_THROW(table[0].required_number("a"), error);
}

TEST(csv_escape, survives_a_round_trip) {
  for (const std::string text : {"plain", "a,b", "say \"hi\"", "two\nlines", "cr\rlf", ""}) {
    const auto table = csv_table::parse("a,b\n" + csv_escape(text) + ",x\n", "t.csv");
    EXPECT_EQ(table[0].text("a"), text);
  }
  EXPECT_EQ(csv_escape("plain"), "plain");
}

}  // namespace
}  // namespace gpubench
