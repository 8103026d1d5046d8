#pragma once

#include <filesystem>

#include "rightsizing/history.hpp"

namespace gpubench::rightsizing {

/// An export of the CloudWatch agent's nvidia_smi_* metrics:
///  - JSON of `aws cloudwatch get-metric-data` (MetricDataResults; the label says metric and, beside it, machine),
///  - JSON of `aws cloudwatch get-metric-statistics` (Label and Datapoints: one metric of one machine),
///  - JSON lines of a metric stream, one metric, time and set of dimensions a line,
///  - CSV in long form, columns by name: timestamp, metric_name, value (or average, maximum), and unit, InstanceId,
///    InstanceType, index, name where they are.
/// Memory takes the maximum of a period where there is one, all else the average.
/// An export that says that it is not whole (NextToken, StatusCode) is read with a note.
/// Sources: AWS CLI Command Reference; CloudWatch User Guide, "Metric streams output formats", JSON.
/// @throws error: io; input at its place for anything else, for units that the metric cannot have, and where no
/// metric is a GPU's.
history read_cloudwatch(const std::filesystem::path& file);

}  // namespace gpubench::rightsizing
