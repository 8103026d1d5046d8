#include "core/file.hpp"

#include "core/error.hpp"
#include "core/toml.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <string>

#include "tests/temporary_folder.hpp"

namespace gpubench {
namespace {
namespace fs = std::filesystem;

class file : public testing::Test {
 protected:
  ~file() override { fs::permissions(directory_, fs::perms::owner_all); }

  template <class Function>
  void expect_io_error(Function function) {
    try {
      function();
      ADD_FAILURE() << "no error";
    } catch (const error& failure) {
      EXPECT_EQ(failure.kind(), error_kind::io);
      EXPECT_FALSE(failure.where().file.empty());
    }
  }

  std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory_), fs::directory_iterator()));
  }

  temporary_folder made_;
  const fs::path& directory_ = made_.path();
};

TEST_F(file, is_replaced_as_a_whole_and_leaves_nothing_beside_it) {
  const auto path = directory_ / "r.json";
  write_file_atomically(path, "old");
  write_file_atomically(path, "new content");
  EXPECT_EQ(read_file(path), "new content");
  EXPECT_EQ(entries(), 1U);
}

TEST_F(file, may_hold_any_bytes) {
  const std::string content("a\0b\r\n\xff", 6);
  write_file_atomically(directory_ / "b", content);
  EXPECT_EQ(read_file(directory_ / "b"), content);
  write_file_atomically(directory_ / "b", "");
  EXPECT_EQ(read_file(directory_ / "b"), "");
}

TEST_F(file, stays_behind_a_symbolic_link) {
  write_file_atomically(directory_ / "target", "old");
  fs::create_symlink(directory_ / "target", directory_ / "link");
  write_file_atomically(directory_ / "link", "new");
  EXPECT_TRUE(fs::is_symlink(directory_ / "link"));
  EXPECT_EQ(read_file(directory_ / "target"), "new");
}

TEST_F(file, is_refused_where_it_cannot_be_written) {
  expect_io_error([&] { write_file_atomically(directory_ / "missing" / "r.json", "x"); });
  expect_io_error([&] { require_writable(directory_ / "missing" / "r.json"); });
  expect_io_error([&] { require_writable(directory_); });
  expect_io_error([&] { write_file_atomically(directory_, "x"); });
  EXPECT_NO_THROW(require_writable(directory_ / "r.json"));
  EXPECT_EQ(entries(), 0U);
}

TEST_F(file, on_a_full_device_is_an_error_and_leaves_the_device) {
  struct stat before {};
  if (::stat("/dev/full", &before) != 0 || !S_ISCHR(before.st_mode)) GTEST_SKIP() << "there is no /dev/full here";
  expect_io_error([] { write_file_atomically("/dev/full", "x"); });
  struct stat after {};
  ASSERT_EQ(::stat("/dev/full", &after), 0);
  EXPECT_TRUE(S_ISCHR(after.st_mode));
}

TEST_F(file, that_is_no_file_is_not_read) {
  expect_io_error([&] { read_file(directory_); });
  expect_io_error([&] { read_file(directory_ / "missing"); });
  const auto pipe = directory_ / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  for (const fs::path& path : {directory_, pipe, fs::path("/dev/zero")}) {
    try {
      read_file(path);
      ADD_FAILURE() << path << " was read";
    } catch (const error& failure) {
      EXPECT_STREQ(failure.what(), "is not a regular file");
      EXPECT_FALSE(failure.hint().empty());
    }
  }
}

TEST_F(file, that_was_handed_over_open_is_read_up_to_a_limit) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "text", 4), 4);
  ::close(ends[1]);
  EXPECT_EQ(read_file("/dev/fd/" + std::to_string(ends[0])), "text");
  ::close(ends[0]);
}

TEST_F(file, that_is_too_large_is_refused_unread) {
  const auto path = directory_ / "large";
  write_file_atomically(path, "a");
  fs::resize_file(path, most_read_bytes + 1);
  const auto refusal_of = [](const fs::path& where, std::uintmax_t most_bytes) {
    try {
      read_file(where, most_bytes);
      return std::string("was read");
    } catch (const error& failure) {
      EXPECT_FALSE(failure.hint().empty());
      return std::string(failure.what());
    }
  };
  EXPECT_EQ(refusal_of(path, most_read_bytes), "has 257 MiB, and at most 256 are read");
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  ASSERT_EQ(::write(ends[1], "text", 4), 4);
  ::close(ends[1]);
  EXPECT_EQ(refusal_of("/dev/fd/" + std::to_string(ends[0]), 3), "gives more than 0 MiB, the most that is read");
  ::close(ends[0]);
}

TEST_F(file, that_is_missing_is_told_with_a_hint) {
  try {
    read_file("no/such/file");
    FAIL();
  } catch (const error& failure) {
    EXPECT_STREQ(failure.what(), "cannot read: No such file or directory");
    EXPECT_FALSE(failure.hint().empty());
  }
}

TEST_F(file, has_several_names) {
  write_file_atomically(directory_ / "a", "x");
  fs::create_hard_link(directory_ / "a", directory_ / "hard");
  fs::create_symlink("later", directory_ / "soft");
  fs::create_directory(directory_ / "sub");
  EXPECT_TRUE(is_same_file(directory_ / "a", directory_ / "sub" / ".." / "a"));
  EXPECT_TRUE(is_same_file(directory_ / "a", directory_ / "hard"));
  EXPECT_TRUE(is_same_file(directory_ / "soft", directory_ / "later")) << "neither is there yet";
  EXPECT_TRUE(is_same_file("later", "./later"));
  EXPECT_FALSE(is_same_file(directory_ / "a", directory_ / "later"));
}

TEST_F(file, of_toml_is_refused_with_its_place) {
  const auto path = directory_ / "w.toml";
  write_file_atomically(path, "name = \"x\"\nsize = = 3\n");
  try {
    load_toml(path);
    FAIL();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::input);
    EXPECT_EQ(failure.where().file, path.string());
    EXPECT_EQ(failure.where().line, 2U);
    EXPECT_GT(failure.where().column, 1U);
    EXPECT_FALSE(std::string(failure.what()).empty());
  }
}

TEST_F(file, of_toml_knows_where_its_values_stand) {
  const auto path = directory_ / "w.toml";
  write_file_atomically(path, "name = \"x\"\n  size = 3\n");
  const auto table = load_toml(path);
  EXPECT_EQ(position_of(*table.get("size"), "w.toml").to_string(), "w.toml:2:10");
}

TEST(find_data_directory, refuses_a_folder_without_a_catalogue) {
  try {
    find_data_directory("/proc");
    FAIL();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), error_kind::input);
    EXPECT_FALSE(failure.hint().empty());
  }
}

TEST(error, is_described_with_place_and_hint) {
  EXPECT_EQ(error(error_kind::input, {"a.csv", 3, 7}, "bad", "fix it").describe(),
            "error: a.csv:3:7: bad\n  hint: fix it");
  EXPECT_EQ(error(error_kind::io, {"a.csv", 0, 0}, "bad").describe(), "error: a.csv: bad");
  EXPECT_EQ(error(error_kind::usage, "bad").describe(), "error: bad");
}

TEST(error, maps_each_kind_to_an_exit_code_that_is_not_success) {
  EXPECT_EQ(exit_status_of(error_kind::usage), exit_status::usage);
  EXPECT_EQ(exit_status_of(error_kind::input), exit_status::usage);
  EXPECT_EQ(exit_status_of(error_kind::io), exit_status::usage);
  EXPECT_EQ(exit_status_of(error_kind::environment), exit_status::environment);
  EXPECT_EQ(exit_status_of(error_kind::infeasible), exit_status::answer_is_no);
  EXPECT_EQ(exit_status_of(error_kind::wrong_result), exit_status::measurement_failed);
  EXPECT_EQ(exit_status_of(error_kind::internal), exit_status::measurement_failed);
}

}  // namespace
}  // namespace gpubench
