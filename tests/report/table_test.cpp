#include "report/table.hpp"

#include "core/error.hpp"
#include "core/json.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace gpubench::report {
namespace {

table sample() {
  table list({{"gpu", "GPU"}, {"memory_gib", "memory GiB"}, {"usd_per_hour", "$/h"}, {"ecc", "ECC"}});
  list.add_row({std::string("L4"), 24.0, 0.7065, true});
  list.add_row({std::string("A10, half \"A10\""), 12.0, table::value(), false});
  list.add_row({std::string("H100"), 80.0, std::numeric_limits<double>::infinity(), table::value()});
  return list;
}

TEST(table, writes_text_with_aligned_numbers_and_dashes) {
  std::ostringstream out;
  sample().write_text(out, {});
  EXPECT_EQ(out.str(),
            "GPU              memory GiB     $/h  ECC\n"
            "L4                       24  0.7065  yes\n"
            "A10, half \"A10\"          12       –  no\n"
            "H100                     80       –  –\n");
}

TEST(table, writes_csv_in_full_precision) {
  std::ostringstream out;
  sample().write_csv(out);
  EXPECT_EQ(out.str(),
            "gpu,memory_gib,usd_per_hour,ecc\n"
            "L4,24,0.7065,true\n"
            "\"A10, half \"\"A10\"\"\",12,,false\n"
            "H100,80,,\n");
}

TEST(table, writes_json_with_null_for_the_unknown) {
  std::ostringstream out;
  sample().write_json(out);
  const auto rows = json::parse(out.str());
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0]["memory_gib"], 24.0);
  EXPECT_EQ(rows[0]["ecc"], true);
  EXPECT_TRUE(rows[1]["usd_per_hour"].is_null());
  EXPECT_TRUE(rows[2]["usd_per_hour"].is_null());
}

TEST(table, writes_markdown) {
  std::ostringstream out;
  sample().write_markdown(out);
  EXPECT_EQ(out.str().substr(0, out.str().find('\n', out.str().find('\n') + 1)),
            "| GPU | memory GiB | $/h | ECC |\n| --- | ---: | ---: | --- |");
}

TEST(table, lines_up_points_unless_that_claims_digits_out_of_nowhere) {
  table prices(std::vector<table::column>{{"usd", "$"}});
  prices.add_row({3.06});
  prices.add_row({98.32});
  prices.add_row({0.526});
  std::ostringstream close;
  prices.write_text(close, {});
  EXPECT_EQ(close.str(), "     $\n 3.060\n98.320\n 0.526\n");
  prices.add_row({123456.0});
  std::ostringstream far;
  prices.write_text(far, {});
  EXPECT_EQ(far.str(), "      $\n   3.06\n  98.32\n  0.526\n123,456\n");
}

TEST(table, refuses_a_row_of_another_length) {
  table list(std::vector<table::column>{{"a", "a"}});
  EXPECT_THROW(list.add_row({1.0, 2.0}), error);
}

}  // namespace
}  // namespace gpubench::report
