#include "core/text_lines.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace gpubench {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  text_lines lines(in, "f");
  std::vector<std::string> all;
  for (std::string_view line; lines.next(line);) all.push_back(std::to_string(lines.number()) + ":" + std::string(line));
  return all;
}

TEST(text_lines, are_numbered_without_marks_returns_and_empty_lines) {
  EXPECT_EQ(lines_of("\xEF\xBB\xBFone\r\n\n\r\ntwo"), (std::vector<std::string>{"1:one", "4:two"}));
  EXPECT_EQ(lines_of("last\n"), (std::vector<std::string>{"1:last"}));
  EXPECT_TRUE(lines_of("").empty());
}

TEST(text_lines, are_whole_wherever_a_piece_ends) {
  // Lines of 1 to 997 bytes over three pieces of 1 MiB.
  std::string text;
  std::size_t count = 0;
  for (; text.size() < 3 << 20; ++count) text += std::string(1 + count * 7 % 997, 'x') + "\n";
  std::istringstream in(text);
  text_lines lines(in, "f");
  std::size_t seen = 0;
  for (std::string_view line; lines.next(line); ++seen) ASSERT_EQ(line.size(), 1 + seen * 7 % 997);
  EXPECT_EQ(seen, count);
}

TEST(text_lines, refuse_a_line_without_end_at_its_place) {
  std::istringstream in("short\n" + std::string(2 << 20, 'x'));
  text_lines lines(in, "f");
  std::string_view line;
  ASSERT_TRUE(lines.next(line));
  try {
    lines.next(line);
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.where().to_string(), "f:2:1");
  }
}

}  // namespace
}  // namespace gpubench
