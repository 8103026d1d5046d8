#pragma once

#include <cstddef>
#include <vector>

namespace gpubench::serving {

/// A step of a server in which b sequences get their next tokens, by b.
struct decode_cost {
  double seconds = 0;                    ///< with nothing cached
  double seconds_per_context_token = 0;  ///< for each token of the sequences' cached contexts together
  double prompt_step_seconds = 0;        ///< further, where the step carries prompt tokens too
};

/// How prompts are worked through.
enum class prefill_policy {
  chunked,  ///< in pieces beside the decoding sequences, step by step
  whole,    ///< in steps of their own, for which decoding waits
};

/// One replica of a server with continuous batching (iteration-level scheduling: Yu et al., "Orca", OSDI 2022; chunked
/// prefill: Agrawal et al., "Sarathi-Serve", OSDI 2024), as far as its steps' time depends on the requests:
///
///   step = decode[b].seconds + context * decode[b].seconds_per_context_token
///        + (prompt tokens in it ? decode[b].prompt_step_seconds + prompt cost : 0)
///   prompt cost = tokens * prompt_token_seconds + query-key pairs * prompt_attention_seconds
///
/// and at least least_prompt_step_seconds where nothing is decoded. While b stays the same a decode step's time grows
/// by the same amount each step, so that a simulation skips to the next arrival or end of a request.
struct replica_model {
  std::vector<decode_cost> decode;  ///< of 0 to batch_limit() sequences; [0].prompt_step_seconds: of prompts alone
  double prompt_token_seconds = 0;
  double prompt_attention_seconds = 0;
  double least_prompt_step_seconds = 0;  ///< reading the weights
  double first_token_seconds = 0;        ///< that a request waits besides the replica's steps: handling, launches
  double kv_capacity_tokens = 1e15;      ///< prompt and whole output are reserved when a request is admitted
  double step_tokens = 8192;             ///< of prompts and decoding sequences together
  prefill_policy policy = prefill_policy::chunked;
  double prefix_cache_share = 0;  ///< of a prompt's tokens that need not be computed; their memory is counted in full
  double tokens_per_step = 1;     ///< that a sequence gains each step: above 1 with speculative decoding

  std::size_t batch_limit() const { return decode.size() - 1; }
  /// Prompts and decoding share a step from time to time, but never more than the limit.
  /// @throws error: usage for a limit of 0, a negative or non-finite time, steps too small for the batch, or shares out
  /// of range
  void validate() const;
};

/// The same with every step's time and the first token's other waits multiplied.
replica_model scaled(replica_model model, double step_factor, double first_token_factor);

}  // namespace gpubench::serving
