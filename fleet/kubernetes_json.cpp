#include "fleet/kubernetes_json.hpp"

namespace gpubench::fleet {

std::string text_at(const json& of, const char* path) {
  const json::json_pointer at(path);
  return of.contains(at) && of.at(at).is_string() ? of.at(at).get<std::string>() : std::string();
}

const json& list_at(const json& of, const char* path) {
  static const json none = json::array();
  const json::json_pointer at(path);
  return of.contains(at) && of.at(at).is_array() ? of.at(at) : none;
}

}  // namespace gpubench::fleet
