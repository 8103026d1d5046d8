#pragma once

#include "core/toml.hpp"

#include <string>
#include <string_view>

/// Values of the files that `gpubench calibrate` writes; every complaint is an input error at file:line:column.
namespace gpubench::predictor {

/// Finite and above 0.
double positive_of(const toml::table& row, std::string_view key, const std::string& file);
/// Not empty.
std::string text_of(const toml::table& row, std::string_view key, const std::string& file);
/// @param header  that starts one, for the hint: "[[family]]"
const toml::table& table_of(const toml::node& node, std::string_view header, const std::string& file);

}  // namespace gpubench::predictor
