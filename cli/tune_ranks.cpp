#include "cli/tune_ranks.hpp"

#include "bench/collective/agreement.hpp"
#include "bench/collective/launcher.hpp"
#include "bench/collective/mpi_world.hpp"
#include "bench/collective/watch.hpp"
#include "bench/system_files.hpp"
#include "cli/output.hpp"
#include "cli/rank_output.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "fleet/task.hpp"

namespace gpubench::cli {
namespace {

using namespace collective;

constexpr char interface_before[] = "interface ", card_before[] = "card ", gateway[] = "gateway ";

rank_facts facts_of(const tuning::rank_network& mine) {
  rank_facts facts{{"host", mine.host}};
  for (const auto& one : mine.interfaces)
    facts.emplace_back(interface_before + one.name, (one.has_gateway ? gateway : "") + join(one.networks, " "));
  for (const auto& card : mine.cards) facts.emplace_back(card_before + card, "");
  return facts;
}

report::table table_of(const std::vector<std::map<std::string, std::string>>& ranks) {
  report::table rows({{"rank", "rank"},
                      {"host", "host"},
                      {"kind", "kind"},
                      {"name", "name"},
                      {"networks", "networks", 4, 1},
                      {"has_gateway", "gateway", 4, 1}});
  const auto rest_after = [](const std::string& text, const std::string& before) -> std::optional<std::string> {
    if (text.rfind(before, 0) != 0) return std::nullopt;
    return text.substr(before.size());
  };
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    const auto number = static_cast<double>(rank);
    const auto& host = ranks[rank].at("host");
    const auto before = rows.size();
    for (const auto& [fact, value] : ranks[rank]) {
      if (const auto name = rest_after(fact, interface_before)) {
        const auto beyond = rest_after(value, gateway);
        const std::string& networks = beyond ? *beyond : value;
        rows.add_row({number, host, "interface", *name,
                      networks.empty() ? report::table::value() : report::table::value(networks), beyond.has_value()});
      } else if (const auto card = rest_after(fact, card_before)) {
        rows.add_row({number, host, "card", *card, {}, {}});
      }
    }
    if (rows.size() == before) rows.add_row({number, host, {}, {}, {}, {}});
  }
  return rows;
}

exit_status list_ranks(const program& chosen) {
  const auto global = for_ranks(chosen.global);
  require_table_format(global, "a list of ranks");
  require_output(global);
  std::unique_ptr<messenger> between;
  if (started_by_launcher())
    between = mpi_world::start(1.5 * patience());
  else
    between = std::make_unique<lone_messenger>();
  const auto mine = tuning::find_rank_network(bench::system_files(), fleet::name_of_this_node());
  const auto all = gather_facts(*between, facts_of(mine));
  if (between->is_root()) deliver_table(global, table_of(all));
  return exit_status::done;
}

}  // namespace

void declare_tune_ranks(CLI::App& tune_command, program& chosen) {
  auto& command = *tune_command.add_subcommand(
      "ranks", "List what the machines of ranks speak through: mpirun -n 4 gpubench tune ranks");
  command.callback([&chosen] { chosen.action = [&chosen] { return list_ranks(chosen); }; });
}

std::vector<tuning::rank_network> load_rank_networks(const std::filesystem::path& file) {
  const auto rows = load_json(file);
  std::vector<tuning::rank_network> ranks;
  try {
    for (const auto& row : rows) {
      const auto rank = row.at("rank").get<std::size_t>();
      if (rank > ranks.size()) throw error(error_kind::input, {file.string(), 0, 0}, "ranks are missing");
      if (rank == ranks.size()) ranks.push_back({row.at("host").get<std::string>(), {}, {}});
      const auto& kind = row.at("kind");
      if (kind == "interface")
        ranks[rank].interfaces.push_back({row.at("name").get<std::string>(),
                                          row.at("networks").is_null()
                                              ? std::vector<std::string>()
                                              : split(row.at("networks").get<std::string>(), ' '),
                                          row.at("has_gateway").get<bool>()});
      else if (kind == "card")
        ranks[rank].cards.push_back(row.at("name").get<std::string>());
    }
  } catch (const json::exception& e) {
    throw error(error_kind::input, {file.string(), 0, 0}, std::string("no list of ranks: ") + e.what());
  }
  return ranks;
}

}  // namespace gpubench::cli
