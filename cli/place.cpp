#include "cli/place.hpp"

#include "cli/output.hpp"
#include "core/text.hpp"
#include "core/units.hpp"

#include <fmt/format.h>

#include <chrono>

#include "link/remote_display.hpp"

namespace gpubench::cli {
namespace {

void require_fit(const link::display_need& need, const link::measured_link& measured) {
  const auto verdict = link::judge(need, measured);
  if (verdict.verdict == link::fitness::fit) return;
  const bool unfit = verdict.verdict == link::fitness::unfit;
  throw error(
      error_kind::infeasible,
      fmt::format("the link to {} {} {}: {}", measured.host, unfit ? "is not fit for" : "is not known to be fit for",
                  need.name, join(verdict.reasons, "; ")),
      unfit ? "no instance mends that: choose a nearer region (gpubench link HOST --endpoint NAME=HOST), or a "
              "display that needs less"
            : "measure it with iperf3 on the machine: gpubench link HOST --format json --output link.json");
}

void take_upload_off(const global_options& global, const link::measured_link& measured, ranking_options& ranking) {
  const auto upload = measured.upload_seconds();
  if (!upload) {
    say(global, labelled("Place", fmt::format("no upload is counted: {} has no data set or no throughput "
                                              "(gpubench link HOST --dataset SIZE)",
                                              measured.host)));
    return;
  }
  const std::string words = fmt::format("uploading {} to {} takes {}", format_si(*measured.dataset_bytes, "B"),
                                        measured.host, format_duration(*upload));
  if (!ranking.deadline) {
    say(global, labelled("Place", words + ", which comes on top of every time shown"));
    return;
  }
  if (*upload >= ranking.deadline->count())
    throw error(error_kind::infeasible,
                fmt::format("the upload alone takes {}, the deadline is {}", format_duration(*upload),
                            format_duration(ranking.deadline->count())),
                "loosen --deadline, send less, or keep the data at the provider");
  *ranking.deadline -= std::chrono::duration<double>(*upload);
  ranking.upload_seconds = *upload;
  say(global, labelled("Place", fmt::format("{}: {} of the deadline are left for the work", words,
                                            format_duration(ranking.deadline->count()))));
}

}  // namespace

void add_place_options(CLI::App& app, place_options& options) {
  app.add_option(
         "--link", options.link,
         "the link from your place (gpubench link HOST --format json): its upload time is taken off the deadline")
      ->type_name("FILE");
  add_values(
      app, "--display", options.displays, [](const std::string& text) { return link::find_display_need(text).name; },
      "NAME", "refuse unless the link is fit for this remote display, as 1080p60-h264; repeatable");
}

void apply(const global_options& global, const place_options& place, ranking_options& ranking) {
  if (place.link.empty()) {
    if (!place.displays.empty())
      throw error(error_kind::usage, "--display is judged by a measured link: --link FILE is missing",
                  "gpubench link HOST --format json --output link.json");
    return;
  }
  const auto measured = link::load_link(place.link);
  for (const auto& name : place.displays) require_fit(link::find_display_need(name), measured);
  take_upload_off(global, measured, ranking);
}

}  // namespace gpubench::cli
