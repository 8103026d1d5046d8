#pragma once

#include "core/error.hpp"
#include "profiles/catalogue.hpp"
#include "profiles/detail/toml_reader.hpp"

#include <chrono>
#include <string>

#include "cost/own_hardware.hpp"

namespace gpubench::cli {

/// A machine of the user's own, as the table [own_hardware] of a file describes it.
struct owned_machine {
  profiles::instance type;
  cost::own_hardware bill;
  std::string currency = "USD";
  file_position position;
};

/// @throws error: input at file:line:column for an unknown key or a wrong value.
owned_machine read_machine(const profiles::detail::toml_reader& from, const file_position& position);

/// Adds it as an offer of provider and region cost::own_provider, priced as of `now`.
/// @throws error: input for a GPU, CPU or currency that is not known, and for a machine that costs nothing.
void add_machine(const owned_machine& own, profiles::catalogue& known, std::chrono::system_clock::time_point now);

/// What it costs, in USD.   @pre add_machine() took it
cost::own_hardware bill_of(const owned_machine& own, const profiles::catalogue& known);

}  // namespace gpubench::cli
