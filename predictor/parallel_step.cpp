#include "predictor/parallel_step.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "predictor/collectives.hpp"

namespace gpubench::predictor {
namespace {

estimate scaled(estimate e, double factor) {
  e.seconds *= factor;
  e.low *= factor;
  e.high *= factor;
  return e;
}

/// `seconds` with the relative interval, basis and bound of `like`.
estimate shaped(double seconds, const estimate& like) {
  estimate e = like;
  const double factor = like.seconds > 0 ? seconds / like.seconds : 0;
  e.seconds = seconds;
  e.low = like.low * factor;
  e.high = like.high * factor;
  return e;
}

}  // namespace

estimate parallel_step::total() const {
  estimate_sum sum;
  for (const estimate* part : {&compute, &bubble, &tensor, &sends, &data, &optimizer}) {
    if (part->seconds > 0) sum.add(*part);
  }
  return sum.total();
}

fabric replica_links(const fabric& links, int replica) {
  fabric ring = links;
  const int in_node = std::min(replica, std::max(1, links.devices_per_node));
  ring.devices_per_node = std::max(1, links.devices_per_node / in_node);
  // A replica's ranks lie next to each other, also over the nodes of one NVLink domain.
  ring.switch_domain = std::max(1, links.switch_domain / std::min(replica, std::max(1, links.switch_domain)));
  ring.nodes = std::max(1, links.devices() / replica / ring.devices_per_node);
  ring.network_bytes_per_second /= in_node;
  return ring;
}

estimate stage_send(double bytes, const fabric& links, int tensor, int stages, models::precision precision) {
  fabric pair = links;
  if (tensor * stages > std::max(links.devices_per_node, links.switch_domain)) {
    pair.devices_per_node = 1;
    pair.switch_domain = 1;
    pair.nodes = 2;
  }
  return estimate_collective(collective_kind::send_recv, bytes / tensor, pair, 2, precision);
}

bucket_times reduce_in_buckets(double gradient_bytes, double last_bytes, const fabric& ring, int ranks,
                               const bucket_policy& policy) {
  const auto reduce = [&](double bytes) {
    return bytes > 0
               ? estimate_collective(collective_kind::all_reduce, bytes, ring, ranks, models::precision::fp32).seconds
               : 0;
  };
  bucket_times times;
  times.copy_seconds = policy.copy_seconds_per_byte * gradient_bytes;
  if (!policy.overlap) {
    times.last_seconds = reduce(gradient_bytes);
    return times;
  }
  times.steady_bytes = std::max(0.0, gradient_bytes - last_bytes);
  times.first_bytes = std::min(policy.first_bytes, times.steady_bytes);
  times.first_seconds = reduce(times.first_bytes);
  const double others = times.steady_bytes - times.first_bytes;
  times.full_count = std::floor(others / policy.bytes);
  if (times.full_count > 0) times.full_seconds = reduce(policy.bytes);
  const double rest = others - times.full_count * policy.bytes;
  times.rest_seconds = rest < 1 ? 0 : reduce(rest);  // less than a byte is rounding
  times.last_seconds = reduce(std::min(last_bytes, gradient_bytes));
  return times;
}

double backward_with_buckets(double backward_seconds, const bucket_times& buckets, const bucket_policy& policy) {
  const double pass = backward_seconds + buckets.copy_seconds;
  double end = pass;
  if (buckets.steady_bytes > 0) {
    // Buckets wait for their gradients and for each other, so the last ends with the latest chain: all reductions from
    // some bucket on, from when that bucket is full. Among the full ones the first or the last starts the latest chain,
    // since both terms are linear in its number.
    const double per_byte = pass / buckets.steady_bytes, count = buckets.full_count;
    const double full = count * buckets.full_seconds;
    double free_at =
        std::max(per_byte * buckets.first_bytes + buckets.first_seconds + full, pass) + buckets.rest_seconds;
    if (count > 0) {
      const double first_full = per_byte * (buckets.first_bytes + policy.bytes);
      const double last_full = per_byte * (buckets.first_bytes + count * policy.bytes);
      free_at = std::max(
          {free_at, first_full + full + buckets.rest_seconds, last_full + buckets.full_seconds + buckets.rest_seconds});
    }
    const double busy = buckets.first_seconds + full + buckets.rest_seconds;
    // What ran beside the pass held some of its multiprocessors.
    const double beside = std::max(0.0, busy - std::max(0.0, free_at - pass));
    end = std::max(pass, free_at) + policy.contention * beside;
  }
  return end + buckets.last_seconds;
}

double backward_with_buckets(double backward_seconds, double gradient_bytes, double last_bytes, const fabric& ring,
                             int ranks, const bucket_policy& policy) {
  return backward_with_buckets(backward_seconds, reduce_in_buckets(gradient_bytes, last_bytes, ring, ranks, policy),
                               policy);
}

double traffic_beside(double traffic, double work, double layers, const bucket_policy& policy) {
  return std::max(traffic / layers, traffic - work) + policy.contention * std::min(traffic, work);
}

double pipeline_seconds(const std::vector<double>& stages, int micro_batches, int chunks) {
  if (stages.empty()) return 0;
  const double sum = std::accumulate(stages.begin(), stages.end(), 0.0);
  const double most = *std::max_element(stages.begin(), stages.end());
  return micro_batches * most + (sum - most) / std::max(1, chunks);
}

parallel_step compose_step(const std::vector<stage_work>& stages, double boundary_bytes, const estimate& optimizer,
                           const parallel_layout& layout, const fabric& links, models::precision precision,
                           const bucket_policy& policy) {
  parallel_step step;
  if (stages.empty()) return step;
  const int depth = static_cast<int>(stages.size());
  const double rounds = layout.micro_batches;

  std::vector<double> compute, tensor;
  const estimate all_reduce =
      estimate_collective(collective_kind::all_reduce, boundary_bytes, links, layout.tensor, precision);
  const stage_work* slowest = &stages.front();
  for (const stage_work& stage : stages) {
    compute.push_back(stage.forward.seconds + stage.backward.seconds);
    const double vocabulary = &stage == &stages.front() || &stage == &stages.back() ? (depth == 1 ? 2 : 1) : 0;
    tensor.push_back(all_reduce.seconds * ((layout.recompute ? 6 : 4) * stage.layers + vocabulary));
    if (compute.back() > slowest->forward.seconds + slowest->backward.seconds) slowest = &stage;
  }
  std::vector<double> both = compute;
  for (std::size_t i = 0; i < both.size(); ++i) both[i] += tensor[i];

  estimate_sum one_round;
  one_round.add(slowest->forward);
  one_round.add(slowest->backward);
  const estimate slot = one_round.total();
  const int chunks = layout.schedule == pipeline_schedule::interleaved ? layout.chunks : 1;
  step.compute = scaled(slot, rounds);
  step.tensor = shaped(rounds * *std::max_element(tensor.begin(), tensor.end()), all_reduce);
  const double whole = pipeline_seconds(both, layout.micro_batches, chunks);
  step.bubble = shaped(std::max(0.0, whole - step.compute.seconds - step.tensor.seconds), slot);
  if (depth > 1)
    step.sends = scaled(stage_send(boundary_bytes, links, layout.tensor, depth, precision), 2.0 * (depth - 1) * chunks);

  step.optimizer = scaled(optimizer, layout.zero_stage >= 1 ? 1.0 / layout.data : 1);
  if (layout.data <= 1) return step;
  // Every stage has replicas of its own; the one with the most gradients ends last.
  const fabric ring = replica_links(links, layout.tensor * depth);
  const stage_work& widest = *std::max_element(
      stages.begin(), stages.end(), [](const auto& a, const auto& b) { return a.gradient_bytes < b.gradient_bytes; });
  const auto collective = [&](collective_kind kind, double bytes) {
    return estimate_collective(kind, bytes, ring, layout.data, precision);
  };
  const double weights = widest.weight_bytes > 0 ? widest.weight_bytes : widest.gradient_bytes;
  const estimate like = collective(collective_kind::all_reduce, std::max(1.0, widest.gradient_bytes));
  const double backward = widest.backward.seconds;
  double exposed = 0;
  if (layout.zero_stage == 0) {
    exposed =
        backward_with_buckets(backward, widest.gradient_bytes, widest.last_gradient_bytes, ring, layout.data, policy) -
        backward;
  } else {
    // Scatters follow the backward pass layer by layer; what is longer than it stands out, and the last layer's.
    const double scatter = collective(collective_kind::reduce_scatter, widest.gradient_bytes).seconds;
    const double layers = std::max(1.0, widest.layers);
    const double gather =
        layout.zero_stage >= 3 ? collective(collective_kind::all_gather, weights / layers).seconds * layers : 0;
    exposed = traffic_beside(scatter + gather, backward, layers, policy);
    if (gather > 0) exposed += traffic_beside(gather, widest.forward.seconds, layers, policy);
    // Gradients that stay whole on each replica are summed up over the micro-batches first.
    if (layout.zero_stage >= 2) exposed *= rounds;
  }
  if (layout.zero_stage == 1 || layout.zero_stage == 2)
    exposed += collective(collective_kind::all_gather, weights).seconds;
  step.data = shaped(exposed, like);
  return step;
}

}  // namespace gpubench::predictor
