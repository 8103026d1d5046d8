#include "core/error.hpp"

#include "core/encoding.hpp"

#include <utility>

namespace gpubench {

std::string file_position::to_string() const {
  std::string text = file;
  if (line > 0) text += ":" + std::to_string(line);
  if (line > 0 && column > 0) text += ":" + std::to_string(column);
  return text;
}

error::error(error_kind kind, std::string_view what_failed, std::string hint)
    : error(kind, file_position{}, std::string(what_failed), std::move(hint)) {}

error::error(error_kind kind, file_position where, const std::string& what_failed, std::string hint)
    : std::runtime_error(what_failed), kind_(kind), where_(std::move(where)), hint_(std::move(hint)) {}

std::string error::describe() const {
  std::string text = "error: ";
  if (!where_.file.empty()) text += where_.to_string() + ": ";
  text += what();
  if (!hint_.empty()) text += "\n  hint: " + hint_;
  // Names in it may come from files of others.
  return printable_lines(text);
}

exit_status exit_status_of(error_kind kind) noexcept {
  switch (kind) {
    case error_kind::usage:
    case error_kind::input:
    case error_kind::io:
      return exit_status::usage;
    case error_kind::environment:
      return exit_status::environment;
    case error_kind::infeasible:
      return exit_status::answer_is_no;
    case error_kind::device:
    case error_kind::out_of_device_memory:
    case error_kind::collective:
    case error_kind::wrong_result:
    case error_kind::internal:
      break;
  }
  return exit_status::measurement_failed;
}

}  // namespace gpubench
