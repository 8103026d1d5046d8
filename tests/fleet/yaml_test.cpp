#include "fleet/yaml.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace gpubench::fleet {
namespace {

TEST(Yaml, WritesBlocksOfMappingsAndLists) {
  const json document{
      {"kind", "Job"},
      {"spec", {{"values", {2, 4}}, {"list", json::array({{{"name", "a"}, {"on", true}}, {{"name", "b"}}})}}},
      {"none", json::object()}};
  EXPECT_EQ(to_yaml(document),
            "kind: Job\n"
            "spec:\n"
            "  values:\n"
            "    - 2\n"
            "    - 4\n"
            "  list:\n"
            "    - name: a\n"
            "      \"on\": true\n"
            "    - name: b\n"
            "none: {}\n");
}

TEST(Yaml, QuotesWhatAReaderCouldTakeForSomethingElse) {
  for (const char* text : {"8",  "no", "Yes", "null",       "1e3",  "",  "a: b", "# x", "- x", "x #y", "*a", "&a",
                           "!t", "%d", "@x",  "2026-11-27", "0x1f", "~", "a'b",  " x",  "x ",  "NO",   "y",  "1:30"})
    EXPECT_EQ(to_yaml({{"k", text}}), "k: \"" + std::string(text) + "\"\n") << text;
  EXPECT_EQ(to_yaml({{"k", "a\"b\\c\td"}}), "k: \"a\\\"b\\\\c\\td\"\n");
  EXPECT_EQ(to_yaml({{"k", "/dev/shm"}}), "k: /dev/shm\n");
  EXPECT_EQ(to_yaml({{"k", "nvidia.com/mig-3g.40gb"}}), "k: nvidia.com/mig-3g.40gb\n");
  EXPECT_EQ(to_yaml({{"no", 1}}), "\"no\": 1\n");
}

TEST(Yaml, EscapesWhatYamlCannotPrint) {
  EXPECT_EQ(to_yaml({{"k", "\x1b[31m\x7f"}}), "k: \"\\u001b[31m\\x7F\"\n");
  EXPECT_EQ(to_yaml({{"k",
                      "a\xe2\x80\xa8"
                      "b\xc2\x85\xc2\x9b"
                      "c"}}),
            "k: \"a\\Lb\\N\\x9Bc\"\n");
  EXPECT_EQ(to_yaml({{"k", "\xc3\xa9"}}), "k: \"\xc3\xa9\"\n");  // é stays as it is
  EXPECT_THROW(to_yaml({{"k", "\xff"}}), error);
}

TEST(Yaml, KeepsLinesOfScriptsAsTheyAre) {
  EXPECT_EQ(to_yaml({{"a", {{"run", "set -e\n  echo \"$X\"\n\nexit\n"}}}}),
            "a:\n"
            "  run: |\n"
            "    set -e\n"
            "      echo \"$X\"\n"
            "\n"
            "    exit\n");
  // A block would lose or change these.
  EXPECT_EQ(to_yaml({{"k", "a\nb"}}), "k: \"a\\nb\"\n");
  EXPECT_EQ(to_yaml({{"k", "a\n\n"}}), "k: \"a\\n\\n\"\n");
  EXPECT_EQ(to_yaml({{"k", " a\n"}}), "k: \" a\\n\"\n");
  EXPECT_EQ(to_yaml({{"k", "a\r\n"}}), "k: \"a\\r\\n\"\n");
}

}  // namespace
}  // namespace gpubench::fleet
