#pragma once

#include "planner/calibration.hpp"
#include "planner/measured_device.hpp"
#include "planner/measured_host.hpp"
#include "planner/node_plan.hpp"
#include "planner/performance.hpp"
#include "planner/recommend.hpp"
#include "planner/replica_plan.hpp"
#include "planner/slices.hpp"
#include "planner/step_library.hpp"
#include "planner/typical_hosts.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace gpubench::planner {

/// What one kind of system (device, count, links, host) does for the workload. Prices do not matter to it, so all
/// offers of that kind share it.
struct system_plan {
  std::vector<node_plan> feasible;                ///< fits memory; by number of nodes
  std::vector<const node_plan*> by_node_seconds;  ///< those of them that keep the rate, least mean node-seconds first
  const node_plan* cheapest = nullptr;            ///< the least node-seconds a unit among those within the deadline
  rejection_reason reason = rejection_reason::memory;
  std::string detail;  ///< why there is no cheapest

  system_plan() = default;
  // `cheapest` points into `feasible`, whose elements a move leaves where they are and a copy would not.
  system_plan(system_plan&&) = default;
  system_plan& operator=(system_plan&&) = default;
  system_plan(const system_plan&) = delete;
  system_plan& operator=(const system_plan&) = delete;
};

/// One operator of a planned step, on one device.
struct timed_operator {
  std::string name;
  std::string shape;  ///< "m 4096, n 1024, k 4096"; of a list of operators its parameters
  models::precision precision = models::precision::fp32;
  double count = 1;  ///< in the whole step
  estimate each;     ///< one execution, what the network adds around it included
};

/// Plans every distinct kind of system once.
class system_planner {
 public:
  system_planner(const profiles::catalogue& known, const calibration& efficiencies, const profiles::workload& what,
                 const constraints& limits, const std::vector<results::run>& runs);

  /// The reference stays valid as long as this planner.
  const system_plan& plan(const profiles::instance& type);

  /// The operators of a step that was planned on a system of this type, in the order of their execution; of a server
  /// those of a decode step.
  std::vector<timed_operator> operators_of(const profiles::instance& type, const layout& split);

  /// Every way to put replicas of a server on one node of this type, for llm-serve workloads.
  replica_plans replicas(const profiles::instance& type);

  /// Equal for types that are the same kind of system. Valid until the next call of this or of plan().
  const std::string& key_of(const profiles::instance& type);

  /// The measured devices on which times that were planned rest, oldest run first: a run that times nothing of
  /// what such times are made of is none of them.
  std::vector<const measured_device*> used() const;
  const std::vector<measured_host>& hosts() const { return hosts_; }

  /// Physical cores of one node: as the catalogue states, else as is typical of its GPUs; 0 where neither is known.
  double host_cores(const profiles::instance& type) const;

 private:
  /// A system without its links, and what it points to.
  struct prepared_system {
    device on;
    std::optional<device_model> cpu;
    system_under_plan system;
  };
  /// nullptr where the device's rates are not known; then `missing` says which.
  /// @param slice  of its GPUs; nullptr: whole ones, or the share that the instance is sold with
  std::unique_ptr<prepared_system> prepare(const profiles::instance& type, std::string& missing,
                                           const gpu_slice* slice = nullptr);
  /// Every GPU of the instance cut into slices of one kind, each with a replica of an inference job: the best kind.
  /// @pre whole GPUs
  std::optional<performance> plan_slices(const profiles::instance& type);
  const std::vector<gpu_slice>& slices(const std::string& gpu);
  system_plan make(const profiles::instance& type);
  /// Of a GPU or a share of one: every system with that many of them uses it.
  device_model& gpu_model_of(const device& on);
  /// @param reference  a measured CPU; may be nullptr
  device_model cpu_model(const device& on, const measured_device* reference, kinship how) const;
  network_correction correction_for(const device& on, const measured_device* reference, kinship how);
  /// Notes whose measurements the model of a device rests on.
  void note_use(const device& on, const measured_device* reference);

  const profiles::catalogue& known_;
  const calibration& efficiencies_;
  const constraints& limits_;
  typical_hosts typical_;
  step_library steps_;
  std::vector<measured_device> measured_;
  std::set<const measured_device*> used_;
  std::vector<measured_host> hosts_;
  std::optional<predictor::operator_calibration> refined_;  ///< by the runs, where they measured GPUs' operators
  std::unordered_map<std::string, std::unique_ptr<device_model>> gpu_models_;
  std::unordered_map<std::string, std::vector<gpu_slice>> slices_;
  std::unordered_map<std::string, system_plan> plans_;
  std::string key_;  ///< reused buffer: a key is made for every offer
};

}  // namespace gpubench::planner
