#pragma once

namespace gpubench::cost {

/// Work between two checkpoints of `checkpoint_seconds` each on a machine that is lost every `mtbf_seconds` on average.
/// First order: sqrt(2 delta M). Source: Young, CACM 17(9), 1974.
double young_interval(double mtbf_seconds, double checkpoint_seconds);

/// Higher order: sqrt(2 delta M) [1 + sqrt(delta / 2M) / 3 + delta / 18M] - delta where delta < 2M, else M.
/// Source: Daly, Future Generation Computer Systems 22(3), 2006, equation 37. Where checkpoints cost nothing: 0.
double daly_interval(double mtbf_seconds, double checkpoint_seconds);

}  // namespace gpubench::cost
