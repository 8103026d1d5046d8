#pragma once

#include "profiles/catalogue.hpp"
#include "profiles/price_lists/price_list.hpp"

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

namespace gpubench::profiles::detail {

/// Instance types as a list names them: those of the catalogue, held to it, and new ones.
class listed_types {
 public:
  /// What a listed price is of, or why that cannot be told.
  struct verdict {
    const instance* type = nullptr;
    std::string refusal;
  };

  explicit listed_types(const catalogue& known) : known_(&known) {}

  /// @param origin  of a new type
  const verdict& of(const listed_price& offer, const provenance& origin);
  bool is_new(const instance& type) const { return known_->find_instance(type.provider, type.type) != &type; }

 private:
  verdict judge(const listed_price& offer, const provenance& origin);
  verdict hold_to(const instance& type, const listed_price& offer) const;
  verdict make(const listed_price& offer, const provenance& origin);

  const catalogue* known_;
  std::vector<std::string> gpu_names_;
  std::deque<instance> made_;
  std::unordered_map<std::string, verdict> verdicts_, made_by_name_;
};

}  // namespace gpubench::profiles::detail
