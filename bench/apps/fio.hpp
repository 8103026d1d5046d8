#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gpubench::bench {

/// What fio (Axboe, "Flexible I/O tester") is to do to one file.
struct fio_job {
  std::string pattern;  ///< "read", "write", "randread", "randwrite"
  double block_bytes = 4096;
  int depth = 1;       ///< operations under way in each job
  int jobs = 1;        ///< that work on the file side by side
  int sync_every = 0;  ///< writes after which the file is synchronised; 0: never
  bool sync_at_end = false;
  bool direct = true;  ///< past the page cache
  double file_bytes = 0;
  double offset_bytes = 0;  ///< from which the file is used
  double seconds = 0;       ///< for so long, over and over; 0: the file once
  bool check = false;       ///< writes checksums and reads them back; of reads: holds what such a job wrote to them
};

struct fio_result {
  double bytes_per_second = 0;
  double operations_per_second = 0;
  double bytes = 0;
};

/// The arguments with which fio does a job on `file`.
std::vector<std::string> fio_arguments(const fio_job& job, const std::string& file);

/// Reads fio's JSON (version 3) of one job or group of them.
/// @throws error: environment where it is none, or fio says that operations failed.
fio_result read_fio(std::string_view json, bool reads);

/// @throws error: environment where fio is not installed, fails, or is interrupted.
fio_result run_fio(const fio_job& job, const std::string& file);

}  // namespace gpubench::bench
