#include "imports/unread_names.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace gpubench::imports {

void unread_names::check(const results::json_field& object, std::string_view where,
                         std::initializer_list<std::string_view> known) {
  for (const auto& [key, value] : object.members())
    if (std::find(known.begin(), known.end(), key) == known.end())
      add(where.empty() ? key : fmt::format("{}.{}", where, key));
}

void unread_names::append_to(std::vector<std::string>& notes) const {
  for (const auto& [name, count] : counts_)
    notes.push_back(fmt::format("not imported, as this program does not know it: {}{}", name,
                                count > 1 ? fmt::format(" ({} times)", count) : ""));
}

}  // namespace gpubench::imports
