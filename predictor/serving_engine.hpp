#pragma once

#include "profiles/provenance.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gpubench::predictor {

/// 5 % and 95 % quantiles of measured / predicted.
struct serving_band {
  double low = 0.5, high = 2;
};

/// What an inference engine adds to the work of its steps, by version.
struct serving_engine {
  std::string name;                    ///< "vllm"
  double version = 0;                  ///< 0.12 is 12, 1.2 is 1002: major * 1000 + minor
  double kernel_seconds = 0;           ///< of a kernel in a captured step besides its work: start, ramp, drain, gaps
  double prefill_factor = 1;           ///< time of a prompt's arithmetic, and what else it delays, over its ideal
  double first_token_seconds = 0;      ///< request handling before and after the prompt's step
  double queue_factor = 1;             ///< wait of a prompt behind others, in times of its prefill
  double queue_power = 0.5;            ///< and how it grows with the requests in flight
  double most_running_requests = 1e9;  ///< that the engine runs at a time unless told otherwise
  bool exact = true;                   ///< false: none of this version was measured
  serving_band tpot{0.78, 1.28}, ttft{0.66, 2.6};  ///< of servers that were not fitted on
  std::vector<std::string> gpus;                   ///< on which it was measured, as the catalogue names them
  std::size_t rows = 0;                            ///< measured servers behind it
};

/// The engines that were measured.
struct served_engines {
  std::vector<serving_engine> all;
  profiles::provenance origin;  ///< of what `gpubench calibrate` added; empty: as shipped
};

/// Fitted for each version on served models on H100-SXM5-80GB: docs/prediction/serving.md.
served_engines shipped_engines();

/// The nearest version that was measured; without a version the mean of the engine's; for an unknown engine the mean
/// over all (geometric).
/// @param version  "0.18.0", "1.3.0rc1", or empty
/// @pre known.all is not empty
serving_engine serving_engine_of(const served_engines& known, std::string_view name, std::string_view version);

/// "vllm" of "vLLM", "trtllm" of "TensorRT-LLM".
std::string engine_name(std::string_view name);

/// 0 for text that does not begin with a number.
double parse_engine_version(std::string_view version);
/// "0.18" of 18
std::string engine_version_text(double version);

inline constexpr const char* engines_file = "servers.toml";

/// The file's engines beside those of `base`, in whose place they stand where they are of the same version.
/// @throws error: io, or input at file:line:column for what is no engine.
served_engines load_engines(const std::filesystem::path& directory, served_engines base);
/// @throws error: io
void save_engines(const std::filesystem::path& directory, const served_engines& known);

}  // namespace gpubench::predictor
