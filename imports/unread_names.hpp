#pragma once

#include "results/json_field.hpp"

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::imports {

/// Keys and columns of a file that no importer knows: they are named to the user, never guessed at.
class unread_names {
 public:
  /// Notes the members of an object that are not among `known`. `where` names the object: "results[]".
  void check(const results::json_field& object, std::string_view where, std::initializer_list<std::string_view> known);
  void add(const std::string& name) { ++counts_[name]; }

  /// "not imported, as this program does not know it: results[].foo (12 times)", one for each name.
  void append_to(std::vector<std::string>& notes) const;

 private:
  std::map<std::string, std::size_t> counts_;
};

}  // namespace gpubench::imports
