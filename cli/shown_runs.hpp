#pragma once

#include "cli/program.hpp"
#include "profiles/catalogue.hpp"
#include "report/document.hpp"
#include "results/run.hpp"

#include <string>
#include <vector>

namespace gpubench::cli {

/// "RUN=USD_PER_HOUR": what the machine of a run costs.
struct run_price {
  std::string run;  ///< its label, its file as typed, or its number on the command line, from 1
  double usd_per_hour = 0;
};
/// @throws error: usage for anything else and for a price that is not above zero.
run_price parse_run_price(std::string_view text);
/// Several with commas between. A comma before the first "=" of a price belongs to its name.   @throws error: usage
std::vector<run_price> parse_run_prices(std::string_view text);

/// The runs for a document, with the digests of their files. Labels are the file names without ending where those
/// differ, else the paths as typed.   @throws error: io
std::vector<report::shown_run> show_runs(const std::vector<results::run>& runs, const std::vector<std::string>& files);

/// Prices that the user gives.   @throws error: usage for one whose run is not among them, or that comes twice.
void set_prices(std::vector<report::shown_run>& runs, const std::vector<run_price>& prices);

/// Whether a run says on which cloud instance it was measured.
bool name_instances(const std::vector<report::shown_run>& runs);
/// How many GPUs that type has and, where no price was given, the catalogue's lowest checked on-demand price of it, of
/// any region, in USD.
/// @throws error: input for a currency without exchange rate.
void set_catalogue_facts(std::vector<report::shown_run>& runs, const profiles::catalogue& known);

/// Says of runs that have no price after all this why there is none, and of given ones which GPUs they are taken for.
void explain_prices(std::vector<report::shown_run>& runs);

}  // namespace gpubench::cli
