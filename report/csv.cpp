#include "report/records.hpp"
#include "report/sink.hpp"

namespace gpubench::report {
namespace {

// One header for every kind of record, so that a file holds what the other forms hold; `record` says which it is.
void write(const document& content, const style&, std::ostream& out) {
  std::vector<table::column> columns;
  for (const auto& key : record_keys()) columns.push_back({key, key, 4});
  table lines(columns);
  for (const auto& values : all_records(content)) {
    std::vector<table::value> row;
    for (const auto& key : record_keys()) {
      const auto found = values.find(key);
      row.push_back(found == values.end() ? table::value() : found->second);
    }
    lines.add_row(std::move(row));
  }
  lines.write_csv(out);
}

const sink_registration registered{
    {.name = "csv",
     .description = "one line for each ranked offer, planned policy and measurement, full precision",
     .write = write,
     .ending = ".csv"}};

}  // namespace
}  // namespace gpubench::report
