#pragma once

#include "core/json.hpp"

#include <map>
#include <optional>
#include <string>

#include "fleet/job.hpp"
#include "fleet/submission.hpp"

namespace gpubench::fleet {

/// A context of kubectl's configuration.
struct kubernetes_context {
  std::string server;      ///< address of its cluster; empty where none is said
  std::string name_space;  ///< empty where none is said
};

/// What kubectl's configuration says of clusters. A pod needs none: there kubectl knows its own cluster.
struct kubernetes_contexts {
  std::string current;  ///< empty where none is chosen
  std::map<std::string, kubernetes_context> known;
};

/// @param said  the answer of `kubectl config view --output=json`
kubernetes_contexts read_kubernetes_contexts(const json& said);

/// Where a submission is to go: what is noted already, or the context that the campaign's setting names, or the current
/// one. Nothing is noted where there is none, as in a pod.   @throws error: input for a context that is not known
engine_place kubernetes_place(const kubernetes_contexts& contexts, const campaign& of, const engine_place& noted);

/// Refuses what was noted of a submission where its context is gone, or means another cluster by now.
/// @throws error: input
void require_kubernetes_place(const kubernetes_contexts& contexts, const engine_place& noted);

/// "context lab (https://lab), namespace of-lab"
/// @param all_namespaces  of the context, in place of that which the place names
std::string kubernetes_place_in_words(const engine_place& where, bool all_namespaces);

/// The campaign with the context and namespace of a place in the place of its settings.
campaign at_kubernetes_place(campaign of, const engine_place& where);

}  // namespace gpubench::fleet
