#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "serving/fifo.hpp"
#include "serving/replica_model.hpp"
#include "serving/request.hpp"

namespace gpubench::serving {

/// A request that has its last token.
struct completion {
  double arrival_seconds = 0, first_token_seconds = 0, finished_seconds = 0;  ///< points in time
  std::uint32_t output_tokens = 1;
};

/// The state of one replica. The caller moves time: at next_seconds() it calls end_steps() and then start_steps().
///
/// Work a request is constant but for a logarithm of the batch: sequences are not touched while they decode. A sequence
/// ends at a step whose number is known when it starts, the contexts are one sum, and steps up to the next end are one
/// event, which an arrival that can be admitted cuts short.
class replica {
 public:
  /// @param model  must outlive the replica, and be valid
  explicit replica(const replica_model& model) : model_(&model) {}

  /// End of the steps under way; infinite when idle.
  double next_seconds() const { return boundary_; }
  std::size_t waiting() const { return waiting_.size(); }
  std::size_t outstanding() const { return waiting_.size() + prefilling_.size() + decoding_.size(); }

  /// A request arrives, not before what happened so far.
  /// @return false if the cache cannot hold it even alone: it is refused
  bool take(const request& r, double now);
  /// Moves to next_seconds(); appends what ended.
  void end_steps(std::vector<completion>& ended);
  /// Admits what fits and starts the next steps, or turns idle.
  void start_steps();

 private:
  struct prefilling {
    request what;
    std::uint32_t done = 0;  ///< tokens of the prompt, those under way included
  };
  struct decoding {
    std::uint64_t last_step = 0;
    double context = 0;  ///< when it ends
    double arrival_seconds = 0, first_token_seconds = 0;
    std::uint32_t output_tokens = 1;
    double reserved = 0;
    friend bool operator<(const decoding& a, const decoding& b) {
      return a.last_step > b.last_step;
    }  // earliest on top
  };
  enum class phase { idle, deciding, decoding, fixed };

  double needed(const request& r) const;
  bool admits(const request& r) const;
  double seconds_of(double steps) const { return steps * step_seconds_ + growth_seconds_ * steps * (steps - 1) / 2; }
  void start_prompts();
  void cut_at(double now);

  const replica_model* model_;
  fifo<request> waiting_;
  fifo<prefilling> prefilling_;
  std::vector<decoding> decoding_;  ///< a heap
  double reserved_tokens_ = 0, context_tokens_ = 0;

  phase phase_ = phase::idle;
  double started_ = 0, boundary_ = std::numeric_limits<double>::infinity();
  double steps_ = 0;  ///< under way
  double step_seconds_ = 0, growth_seconds_ = 0;
  double decodes_ = 1;             ///< 1 where those steps decode, 0 where they carry prompts alone
  std::uint64_t decode_step_ = 0;  ///< done so far
};

}  // namespace gpubench::serving
