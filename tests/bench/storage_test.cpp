#include "bench/apps/fio.hpp"
#include "bench/apps/storage_file.hpp"
#include "core/error.hpp"
#include "core/units.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "host_case.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::bench {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* read_report = R"(fio: a warning of this file system
{"fio version": "fio-3.33", "jobs": [{"jobname": "gpubench", "error": 0,
 "read": {"io_bytes": 16998400, "bw_bytes": 33928942, "iops": 8283.433134},
 "write": {"io_bytes": 0, "bw_bytes": 0, "iops": 0.0}}]})";

class storage_folder : public ::testing::Test {
 protected:
  bool is_empty() const { return std::filesystem::is_empty(folder_); }

  temporary_folder made_;
  const std::filesystem::path& folder_ = made_.path();
};

std::string refusal(const std::function<void()>& call, error_kind kind) {
  try {
    call();
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), kind);
    return e.describe();
  }
  ADD_FAILURE() << "not refused";
  return {};
}

TEST(fio, is_asked_for_what_the_job_says) {
  fio_job job;
  job.pattern = "randread";
  job.block_bytes = 4096;
  job.depth = 32;
  job.jobs = 4;
  job.file_bytes = 1 * gib;
  job.seconds = 0.5;
  const auto arguments = fio_arguments(job, "/some where/file");
  for (const char* wanted : {"--filename=/some where/file", "--rw=randread", "--bs=4096", "--iodepth=32", "--numjobs=4",
                             "--direct=1", "--size=1073741824", "--runtime=500ms", "--time_based"})
    EXPECT_THAT(arguments, Contains(wanted));
  EXPECT_THAT(arguments, Not(Contains(HasSubstr("fsync"))));
  job.offset_bytes = 4096;
  EXPECT_THAT(fio_arguments(job, "f"), Contains("--offset=4096"));
  EXPECT_THAT(fio_arguments(job, "f"), Contains("--size=1073737728")) << "up to the file's end";
  job.sync_every = 1;
  job.seconds = 0;
  EXPECT_THAT(fio_arguments(job, "f"), Contains("--fsync=1"));
  job.sync_at_end = true;
  EXPECT_THAT(fio_arguments(job, "f"), Contains("--end_fsync=1"));
  EXPECT_THAT(fio_arguments(job, "f"), Not(Contains("--time_based"))) << "the file once";
}

TEST(fio, report_is_read_below_its_warnings) {
  const fio_result read = read_fio(read_report, true);
  EXPECT_DOUBLE_EQ(read.bytes, 16998400);
  EXPECT_DOUBLE_EQ(read.bytes_per_second, 33928942);
  EXPECT_DOUBLE_EQ(read.operations_per_second, 8283.433134);
}

TEST(fio, report_of_nothing_moved_of_an_error_or_of_no_job_is_no_figure) {
  const auto refuse = [](const char* text) { return refusal([&] { read_fio(text, true); }, error_kind::environment); };
  EXPECT_THAT(refusal([] { read_fio(read_report, false); }, error_kind::environment), HasSubstr("moved nothing"));
  EXPECT_THAT(refuse(R"({"jobs": [{"error": 5, "read": {}}]})"), HasSubstr("error 5"));
  EXPECT_THAT(refuse("no report"), HasSubstr("no report of a job"));
  EXPECT_THAT(refuse(R"({"jobs": []})"), HasSubstr("no report of a job"));
  EXPECT_THAT(refuse(R"({"jobs": [{"error": 0}]})"), HasSubstr("lacks"));
}

TEST_F(storage_folder, file_has_no_name_and_is_opened_by_others_all_the_same) {
  const storage_file file(folder_, 1 * mib);
  EXPECT_TRUE(is_empty());
  EXPECT_EQ(std::filesystem::file_size(file.path()), 1048576U);
  std::ofstream(file.path(), std::ios::in) << "written";
  std::string word;
  std::ifstream(file.path()) >> word;
  EXPECT_EQ(word.substr(0, 7), "written");
}

TEST_F(storage_folder, what_is_no_folder_to_measure_is_refused) {
  EXPECT_THAT(refusal([&] { look_at(folder_ / "missing"); }, error_kind::usage), HasSubstr("there is no such folder"));
  std::ofstream(folder_ / "file") << "x";
  EXPECT_THAT(refusal([&] { look_at(folder_ / "file"); }, error_kind::usage), HasSubstr("is no folder"));
  EXPECT_GT(look_at(folder_).free_bytes, 0);
}

TEST(storage, mounts_over_a_network_are_told_from_disks_and_memory) {
  for (const std::uint32_t magic : {0x6969U, 0xFF534D42U, 0x0BD00BD0U, 0x65735546U})  // nfs, cifs, lustre, fuse
    EXPECT_TRUE(place_of_type(magic).over_network) << magic;
  EXPECT_FALSE(place_of_type(0xEF53).over_network);
  EXPECT_EQ(place_of_type(0xEF53).file_system, "ext4");
  EXPECT_TRUE(place_of_type(0x01021994).in_memory);
  EXPECT_EQ(place_of_type(0x12345678).file_system, "unknown");
}

TEST(storage, a_file_takes_half_of_what_is_free_at_most) {
  storage_place place;
  place.free_bytes = 10 * gib;
  EXPECT_DOUBLE_EQ(storage_file_bytes(place, "d", {}), 1 * gib);
  EXPECT_DOUBLE_EQ(storage_file_bytes(place, "d", 5 * gib), 5 * gib);
  EXPECT_THAT(refusal([&] { storage_file_bytes(place, "d", 6 * gib); }, error_kind::usage),
              HasSubstr("more than half of the 10 GiB"));
  EXPECT_THAT(refusal([&] { storage_file_bytes(place, "d", 1 * mib); }, error_kind::usage), HasSubstr("below 64 MiB"));
  place.free_bytes = 1 * gib;
  EXPECT_DOUBLE_EQ(storage_file_bytes(place, "d", {}), 0.5 * gib);
  place.free_bytes = 100 * mib;
  EXPECT_THAT(refusal([&] { storage_file_bytes(place, "d", {}); }, error_kind::usage),
              HasSubstr("128 MiB must be free"));
}

TEST_F(storage_folder, benchmarks_need_one_and_check_what_they_wrote) {
  const auto machine = testing_support::machine_with({});
  const auto definition = testing_support::definition_of("storage_write");
  auto where = machine.view();
  EXPECT_THAT(definition.unavailable({}, where).value(), HasSubstr("--storage-dir"));
  where.storage_folder = folder_.string();
  where.storage_file_bytes = 64 * mib;
  EXPECT_EQ(definition.unavailable({}, where), std::nullopt);
  const auto params = definition.cases(suite::apps, where).at(0);
  {
    const auto prepared = definition.prepare(params, where);
    EXPECT_GT(prepared->sample().count(), 0);
    const auto checked = prepared->verify();
    EXPECT_LE(checked.error, checked.tolerance);
    EXPECT_TRUE(is_empty());
  }
  definition.release();
  EXPECT_DOUBLE_EQ(definition.work(params).bytes.value(), 256 * mib);
  EXPECT_EQ(testing_support::definition_of("storage_sync").work({}).item, "operation");
}

}  // namespace
}  // namespace gpubench::bench
