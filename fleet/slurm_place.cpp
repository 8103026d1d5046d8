#include "fleet/slurm_place.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include "fleet/slurm_queue.hpp"

namespace gpubench::fleet {
namespace {

void require_same(const engine_place& here, const engine_place& noted, const char* key, const char* hint) {
  const auto now = here.find(key), then = noted.find(key);
  if (now == here.end() || then == noted.end() || now->second == then->second) return;
  throw error(error_kind::input,
              fmt::format("the campaign was submitted to Slurm's {0} '{1}', and this is {0} '{2}'", key, then->second,
                          now->second),
              hint);
}

}  // namespace

engine_place slurm_place(const std::string& cluster, const std::string& user) {
  engine_place place;
  if (!cluster.empty()) place["cluster"] = cluster;
  if (!user.empty()) place["user"] = user;
  return place;
}

void require_slurm_cluster(const engine_place& here, const engine_place& noted) {
  require_same(here, noted, "cluster", "set SLURM_CONF, or go to a machine, as when it was submitted");
}

void require_slurm_user(const engine_place& here, const engine_place& noted) {
  require_same(here, noted, "user",
               "submit and resume it as that user, to whom its jobs belong; others may call status and collect");
}

bool may_be_hidden(const engine_place& here, const engine_place& noted, std::string_view configuration) {
  const auto asks = here.find("user"), owns = noted.find("user");
  if (asks == here.end() || owns == noted.end() || asks->second == owns->second) return false;
  const auto hides = parse_private_data(configuration);
  return !hides || hides->count("jobs") > 0 || hides->count("all") > 0;
}

}  // namespace gpubench::fleet
