#pragma once

#include <vector>

namespace gpubench::capacity {

/// The steadiest way to serve what arrives with nothing late: the rate of each step, in units per second, of the
/// cumulative service that stays between what must have been served by the end of each step and what has arrived by
/// then, and ends with nothing left that is due. No other way that is never late costs less under any increasing convex
/// cost of the rate. O(steps).
/// The path is a taut string; that it is the best for every such cost at once: Salehi, Zhang, Kurose, Towsley,
/// Supporting stored video: reducing rate variability and end-to-end resource requirements through optimal smoothing
/// (IEEE/ACM Transactions on Networking 6, 1998).
/// @param arrived  as cumulative_units() gives it
std::vector<double> smoothest_service(const std::vector<double>& arrived, double wait_seconds);

}  // namespace gpubench::capacity
