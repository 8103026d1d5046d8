#include "fleet/kubernetes_place.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <vector>

#include "fleet/kubernetes_json.hpp"
#include "fleet/settings.hpp"

namespace gpubench::fleet {
namespace {

std::string noted_as(const engine_place& where, const char* key) {
  const auto found = where.find(key);
  return found == where.end() ? std::string() : found->second;
}

[[noreturn]] void refuse_unknown(const kubernetes_contexts& contexts, const std::string& what,
                                 const std::string& hint) {
  std::vector<std::string> names;
  for (const auto& [name, ignored] : contexts.known) names.push_back(name);
  throw error(error_kind::input, what,
              (names.empty() ? std::string("it has none") : "it has " + join(names, ", ")) + "; " + hint);
}

}  // namespace

kubernetes_contexts read_kubernetes_contexts(const json& said) {
  std::map<std::string, std::string> servers;
  for (const json& one : list_at(said, "/clusters")) servers[text_at(one, "/name")] = text_at(one, "/cluster/server");
  kubernetes_contexts contexts;
  contexts.current = text_at(said, "/current-context");
  for (const json& one : list_at(said, "/contexts"))
    contexts.known[text_at(one, "/name")] = {servers[text_at(one, "/context/cluster")],
                                             text_at(one, "/context/namespace")};
  return contexts;
}

engine_place kubernetes_place(const kubernetes_contexts& contexts, const campaign& of, const engine_place& noted) {
  if (!noted_as(noted, "context").empty()) {
    require_kubernetes_place(contexts, noted);
    return noted;
  }
  const auto named = setting_of(of, "context");
  const auto name = named.empty() ? contexts.current : named;
  if (name.empty()) return noted;
  const auto found = contexts.known.find(name);
  if (found == contexts.known.end())
    refuse_unknown(
        contexts, fmt::format("kubectl's configuration has no context '{}'", name),
        named.empty() ? "kubectl config use-context NAME chooses one" : "--set context=NAME of fleet render names one");
  auto where = noted;
  where["context"] = name;
  if (!found->second.server.empty()) where["server"] = found->second.server;
  return where;
}

void require_kubernetes_place(const kubernetes_contexts& contexts, const engine_place& noted) {
  const auto name = noted_as(noted, "context"), server = noted_as(noted, "server");
  if (name.empty()) return;
  const auto found = contexts.known.find(name);
  if (found == contexts.known.end())
    refuse_unknown(contexts,
                   fmt::format("the campaign was submitted with the context '{}', which kubectl's configuration no "
                               "longer has",
                               name),
                   "set KUBECONFIG to the file that has it, or rename it back: kubectl config rename-context");
  if (!server.empty() && !found->second.server.empty() && found->second.server != server)
    throw error(error_kind::input,
                fmt::format("the campaign was submitted to {}, and the context '{}' is now of {}", server, name,
                            found->second.server),
                "set KUBECONFIG to the file that has that cluster; if it is the same at another address, say that "
                "as \"server\" in state.json");
}

std::string kubernetes_place_in_words(const engine_place& where, bool all_namespaces) {
  const auto context = noted_as(where, "context"), server = noted_as(where, "server"),
             space = noted_as(where, "namespace");
  std::string text = context.empty() ? "the cluster of this pod" : "context " + context;
  if (!server.empty()) text += fmt::format(" ({})", server);
  if (all_namespaces) return text + ", all namespaces";
  return fmt::format("{}, {} alone", text, space.empty() ? "its own namespace" : "namespace " + space);
}

campaign at_kubernetes_place(campaign of, const engine_place& where) {
  for (const char* key : {"context", "namespace"})
    if (auto value = noted_as(where, key); !value.empty()) of.settings[key] = std::move(value);
  return of;
}

}  // namespace gpubench::fleet
