#pragma once

#include "core/error.hpp"
#include "core/json.hpp"

#include <string_view>

namespace gpubench::profiles::detail {

/// A Python literal as repr() writes it, {'Gpus': [{'Count': 8.0, 'Spot': None}]}: dictionaries with text keys, lists,
/// tuples, text in either quotes, numbers, True, False and None, at most 32 levels deep. nan and None read as null.
/// @param where  of the cell that holds it, for errors
/// @throws error: input, naming the character in the cell.
json parse_python_literal(std::string_view text, const file_position& where);

}  // namespace gpubench::profiles::detail
