#include "report/remarks.hpp"

#include "report/measured.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace gpubench::report {
namespace {

class remark_list {
 public:
  void add(const std::string& remark, const std::string& name) {
    const auto known = std::find_if(said_.begin(), said_.end(), [&](const auto& one) { return one.first == remark; });
    if (known == said_.end())
      said_.push_back({remark, {name}});
    else
      known->second.push_back(name);
  }

  std::vector<std::string> sentences() const {
    std::vector<std::string> all;
    for (const auto& [remark, names] : said_) {
      const auto more = names.size() > 1 ? fmt::format(" and {} more", names.size() - 1) : std::string();
      all.push_back(fmt::format("{} ({}{})", remark, names.front(), more));
    }
    return all;
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> said_;
};

}  // namespace

std::vector<std::string> remark_sentences(const std::vector<side_row>& rows) {
  remark_list list;
  for (const auto& row : rows) {
    const auto parameters = row.telling_parameters.empty() ? "" : " " + row.telling_parameters;
    const auto device = row.device.empty() ? "" : " on " + row.device;
    for (const auto& remark : row.remarks) list.add(remark, row.benchmark + parameters + device);
  }
  return list.sentences();
}

std::vector<std::string> flag_sentences(const results::run& run) {
  remark_list list;
  for (const auto& m : run.measurements) {
    if (m.status != results::measurement_status::ok) continue;
    for (const auto& flag : flags_of(m)) list.add(flag, device_prefix(run, m.device) + results::full_name(m));
  }
  return list.sentences();
}

}  // namespace gpubench::report
