#pragma once

#include "report/table.hpp"

#include <map>
#include <string>
#include <vector>

namespace gpubench::report {

/// One line of the CSV and XLSX forms by key, which ends in its unit; what is unknown is absent.
using record = std::map<std::string, table::value>;

/// Every key that a record may have, in the order of columns.
const std::vector<std::string>& record_keys();

// One record for each ranked offer, policy of a plan, ranked service and measurement of the document.
std::vector<record> ranking_records(const document& content);
std::vector<record> plan_records(const document& content);
std::vector<record> service_records(const document& content);
std::vector<record> measurement_records(const document& content);

/// All of them, in that order.
std::vector<record> all_records(const document& content);

}  // namespace gpubench::report
