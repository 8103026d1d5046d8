#include "imports/nvbandwidth.hpp"

#include <fmt/format.h>

namespace gpubench::imports {

std::string cuda_version(long long code) {
  return fmt::format("{}.{}", code / 1000, code / 10 % 100);
}

namespace {

bool recognizes(const source_file& file) {
  const bool json = file.starts_as_json();
  return file.text().find(json ? "\"nvbandwidth\"" : "nvbandwidth Version:") != std::string::npos;
}

imported_file read(const source_file& file, const import_options&) {
  return file.starts_as_json() ? read_nvbandwidth_json(file) : read_nvbandwidth_text(file);
}

const importer_registration registered{
    {"nvbandwidth", "output of nvbandwidth, as text or JSON (-j)", recognizes, read}};

}  // namespace
}  // namespace gpubench::imports
