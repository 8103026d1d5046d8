#include <gmock/gmock.h>

#include <unistd.h>

#include <filesystem>

#include "import_fixture.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::imports {
namespace {

using testing::HasSubstr;

std::string refusal_of_text(std::string bytes) {
  return refusal_of([&] { source_file("some.txt", std::move(bytes)); });
}

TEST(SourceFile, RefusesWhatIsNoTextAtItsPlace) {
  EXPECT_THAT(refusal_of_text(""), HasSubstr("the file is empty"));
  EXPECT_THAT(refusal_of_text(" \n\t\n"), HasSubstr("the file is empty"));
  EXPECT_EQ(refusal_of_text(std::string("ab\nc\0d", 6)), "2:2: holds a NUL byte: this is a binary file");
  EXPECT_EQ(refusal_of_text("ab\nc\x1b[31md"), "2:2: holds the control character 0x1b");
  EXPECT_EQ(refusal_of_text("ab\n\n  \xE9t\xE9"), "3:3: byte 0xe9 is not UTF-8 here");
  EXPECT_THAT(refusal_of_text(std::string("\xFF\xFE#\0", 4)), HasSubstr("1:1: is UTF-16"));
  EXPECT_THAT(refusal_of_text(std::string("\xFE\xFF\0#", 4)), HasSubstr("1:1: is UTF-16"));
}

TEST(SourceFile, RefusesUtf8ThatIsOverlongTruncatedOrASurrogate) {
  for (const std::string bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80"})
    EXPECT_THAT(refusal_of_text("ok " + bad), HasSubstr("1:4: byte")) << bad;
  EXPECT_NO_THROW(source_file("some.txt", "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80"));
}

TEST(SourceFile, DropsAByteOrderMarkAndCarriageReturns) {
  const source_file file("some.txt", "\xEF\xBB\xBF# one\r\ntwo\r\n");
  ASSERT_EQ(file.lines().size(), 2U);
  EXPECT_EQ(file.lines()[0].text, "# one");
  EXPECT_EQ(file.lines()[1].text, "two");
  EXPECT_EQ(file.size_bytes(), 15U);
}

TEST(SourceFile, RefusesAFileAboveTheLimitWithoutReadingItWhole) {
  const temporary_folder folder;
  folder.write("huge.txt", "x");
  const auto huge = folder.path() / "huge.txt";
  std::filesystem::resize_file(huge, largest_file_bytes + 1);
  EXPECT_THAT(refusal_of([&] { source_file::load(huge); }), HasSubstr("larger than 64 MiB"));
}

TEST(SourceFile, EveryFormatReadsTheSameFromWindowsLineEnds) {
  for (const std::string name : {"nccl_tests.txt", "nvbandwidth.txt", "babelstream.txt", "babelstream.csv",
                                 "llama_bench.csv", "superbench.jsonl", "dcgm.json", "google_benchmark.json"}) {
    const auto unix_text = read_file(data_file(name));
    std::string windows = "\xEF\xBB\xBF";
    for (const char c : unix_text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
    const source_file a(data_file(name), unix_text), b(data_file(name), windows);
    const auto& format = detect_importer(b);
    EXPECT_EQ(&format, &detect_importer(a)) << name;
    EXPECT_EQ(format.read(a, {}).measurements, format.read(b, {}).measurements) << name;
  }
}

TEST(ForeignJson, RefusesARepeatedKeyAtItsSecondPlace) {
  EXPECT_EQ(refusal_of([] { parse_foreign_json("{\"a\": 1,\n  \"b\": {\"c\": 1, \"c\": 2}}", "x"); }),
            "2:17: 'c' stands twice in this object");
  EXPECT_NO_THROW(parse_foreign_json(R"([{"a": 1}, {"a": 2}, {"b": {"a": 1}, "a": 1}])", "x"));
}

TEST(ForeignJson, RefusesDeepNestingWithoutBuildingIt) {
  EXPECT_THAT(refusal_of([] { parse_foreign_json(std::string(5'000'000, '['), "x"); }),
              HasSubstr("nested deeper than 64 levels"));
  EXPECT_NO_THROW(parse_foreign_json(std::string(64, '[') + std::string(64, ']'), "x"));
}

TEST(ForeignJson, RefusesWhatIsNoNumberAndControlCharacters) {
  EXPECT_THAT(refusal_of([] { parse_foreign_json("{\"a\": NaN}", "x"); }), HasSubstr("1:"));
  EXPECT_EQ(refusal_of([] { parse_foreign_json("{\"a\":\n 1e400}", "x"); }), "2:2: number is too large");
  EXPECT_EQ(refusal_of([] { parse_foreign_json("{\"a\": \"x\\u001b[2J\"}", "x"); }),
            "1:7: a text holds a control character");
}

TEST(ForeignJson, FindsThePlaceOfEveryPath) {
  const std::string text = "{\"a\": [10, {\"b\": \"x\"},\n  [true, 30]],\n \"c\": {\"d\": null}}";
  const auto place = [&](const std::string& path) {
    const auto at = position_in_json(text, "x", path);
    return std::to_string(at.line) + ":" + std::to_string(at.column);
  };
  EXPECT_EQ(place("a"), "1:2");
  EXPECT_EQ(place("a[0]"), "1:8");
  EXPECT_EQ(place("a[1]"), "1:12");
  EXPECT_EQ(place("a[1].b"), "1:13");
  EXPECT_EQ(place("a[2][0]"), "2:4");
  EXPECT_EQ(place("a[2][1]"), "2:10");
  EXPECT_EQ(place("c.d"), "3:8");
  EXPECT_EQ(place("c.e"), "0:0");
}

}  // namespace
}  // namespace gpubench::imports
