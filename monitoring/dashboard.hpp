#pragma once

#include "core/json.hpp"

#include <string>

namespace gpubench::monitoring {

/// A Grafana dashboard (JSON model, schema 36: Grafana 9 and later) over the exporter's metrics, for any Prometheus
/// data source; made from the list of metrics, so that it names none that there is not. Source: Grafana documentation,
/// "Dashboard JSON model".
json grafana_dashboard();

/// Prometheus alert rules, YAML, over the same list. Source: Prometheus documentation, "Alerting rules".
std::string alert_rules();

}  // namespace gpubench::monitoring
