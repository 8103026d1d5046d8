#include "core/encoding.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench {
namespace {

TEST(require_utf8, takes_every_kind_of_sequence) {
  EXPECT_NO_THROW(require_utf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x98\x80", "f"));
  EXPECT_NO_THROW(require_utf8("", "f"));
}

TEST(require_utf8, points_at_the_first_wrong_byte) {
  try {
    require_utf8("ok\nab\xFF", "f");
    FAIL();
  } catch (const error& e) {
    EXPECT_EQ(e.where().to_string(), "f:2:3");
  }
}

TEST(require_utf8, refuses_overlong_surrogate_truncated_and_foreign_bytes) {
  for (const char* text :
       {"\xC0\xAF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "PK\x03\x04", "\x1F\x8B"})
    EXPECT_THROW(require_utf8(text, "f"), error);
  EXPECT_THROW(require_utf8(std::string_view("a\0b", 3), "f"), error);
}

TEST(require_line_end, points_at_the_end_of_a_row_that_may_be_cut_off) {
  EXPECT_NO_THROW(require_line_end("a,b\r\n1,2\r\n", "f"));
  EXPECT_NO_THROW(require_line_end("", "f"));
  try {
    require_line_end("a,b\n1,2", "f");
    FAIL() << "nothing was refused";
  } catch (const error& e) {
    EXPECT_EQ(e.where().line, 2u);
    EXPECT_EQ(e.where().column, 4u);
  }
}

TEST(printable, names_what_nobody_sees_or_what_turns_the_direction) {
  EXPECT_EQ(printable("a\xE2\x80\xAE"
                      "b\xE2\x80\x8B\xC2\xAD\xEF\xBB\xBF\xF3\xA0\x81\x81"
                      "c"),
            "a<U+202E>b<U+200B><U+00AD><U+FEFF><U+E0041>c");
  EXPECT_EQ(printable("4 × L4, H\xC2\xA0"
                      "100, 東京, é"),
            "4 × L4, H\xC2\xA0"
            "100, 東京, é");
  // Not UTF-8: a byte for itself, whatever it would be as a character.
  EXPECT_EQ(printable("\xAD"), "\xAD");
}

TEST(printable_lines, keeps_tabs_and_line_ends_and_nothing_else) {
  EXPECT_EQ(printable_lines("a\tb\r\nc\x1B[2J\n"), "a\tb\r\nc?[2J\n");
  EXPECT_EQ(printable_lines(""), "");
}

}  // namespace
}  // namespace gpubench
