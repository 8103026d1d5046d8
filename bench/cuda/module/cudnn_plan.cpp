#include "bench/cuda/module/cudnn_plan.hpp"

#include "bench/cuda/module/cudnn_compiled.hpp"
#include "bench/cuda/module/failure.hpp"

#include <algorithm>
#include <array>

namespace gpubench::cuda::dnn {

namespace {

/// What plans are made for: the device of a handle, or one that is only described.
struct target {
  cudnnHandle_t handle = nullptr;
  const descriptor* device = nullptr;
};

struct engine_notes {
  std::int64_t index = -1;
  std::vector<cudnnBackendNumericalNote_t> numerical;

  bool has(cudnnBackendNumericalNote_t note) const {
    return std::find(numerical.begin(), numerical.end(), note) != numerical.end();
  }
};

/// Empty descriptors into which cuDNN writes what it finds.
std::vector<descriptor> read_descriptors(const descriptor& from, cudnnBackendAttributeName_t name,
                                         cudnnBackendDescriptorType_t type) {
  // Knob choices do not tell how many they are, but there is at most one of each type.
  const std::int64_t count = type == CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR
                                 ? std::int64_t{CUDNN_KNOB_TYPE_COUNTS}
                                 : from.read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, nullptr);
  std::vector<descriptor> result;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (std::int64_t i = 0; i < count; ++i) {
    result.emplace_back(type);
    raw.push_back(result.back().get());
  }
  if (count == 0) return result;
  const std::int64_t found = from.read(name, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, raw.data());
  result.erase(result.begin() + std::min(count, found), result.end());
  return result;
}

engine_notes notes_of(const descriptor& config) {
  const auto engines = read_descriptors(config, CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR);
  engine_notes result;
  if (engines.empty()) return result;
  const descriptor& engine = engines.front();
  engine.read(CUDNN_ATTR_ENGINE_GLOBAL_INDEX, CUDNN_TYPE_INT64, 1, &result.index);
  result.numerical.resize(CUDNN_NUMERICAL_NOTE_TYPE_COUNT);
  const auto count = engine.read(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, CUDNN_TYPE_NUMERICAL_NOTE,
                                 CUDNN_NUMERICAL_NOTE_TYPE_COUNT, result.numerical.data());
  result.numerical.resize(static_cast<std::size_t>(std::min<std::int64_t>(count, CUDNN_NUMERICAL_NOTE_TYPE_COUNT)));
  return result;
}

bool allowed(const engine_notes& notes, const plan_rules& rules) {
  const bool cores = notes.has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE);
  if (rules.tensor_cores == tensor_cores::required && !cores) return false;
  if (rules.tensor_cores == tensor_cores::forbidden && cores) return false;
  if (notes.has(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)) return false;
  if (notes.has(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)) return false;
  const bool indirect = notes.has(CUDNN_NUMERICAL_NOTE_WINOGRAD) || notes.has(CUDNN_NUMERICAL_NOTE_FFT);
  return !(rules.direct_only && indirect);
}

std::string settings_of(const descriptor& config) {
  std::string text;
  const auto knobs = read_descriptors(config, CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR);
  for (const auto& knob : knobs) {
    cudnnBackendKnobType_t type{};
    std::int64_t value = 0;
    knob.read(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE, CUDNN_TYPE_KNOB_TYPE, 1, &type);
    knob.read(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE, CUDNN_TYPE_INT64, 1, &value);
    if (!text.empty()) text += ' ';
    text += std::to_string(static_cast<int>(type)) + "=" + std::to_string(value);
  }
  return text;
}

std::string engine_text(const engine_notes& notes, const std::string& settings) {
  constexpr std::array<const char*, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> names = {
      "tensor cores", "converts inputs down", "reduced-precision reduction",
      "FFT",          "nondeterministic",     "Winograd",
      "Winograd 4x4", "Winograd 6x6",         "Winograd 13x13",
      "strict NaN"};
  std::string text = "engine " + std::to_string(notes.index);
  if (!settings.empty()) text += ", knobs " + settings;
  for (const auto note : notes.numerical) {
    const auto at = static_cast<std::size_t>(note);
    if (at < names.size()) text += std::string(", ") + names[at];
  }
  return text;
}

descriptor operation_graph(const lowered_graph& lowered, const target& to) {
  descriptor result(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  std::vector<cudnnBackendDescriptor_t> raw;
  for (const auto& one : lowered.operations) raw.push_back(one.get());
  result.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, static_cast<std::int64_t>(raw.size()),
             raw.data());
  if (to.handle != nullptr) result.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1, &to.handle);
  result.finalize("an operation graph");
  return result;
}

std::vector<descriptor> configs_by(cudnnBackendHeurMode_t mode, const descriptor& operations, const target& to) {
  descriptor heuristics(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set_descriptor(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, operations);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
#if CUDNN_VERSION >= 90800
  if (to.device != nullptr) heuristics.set_descriptor(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *to.device);
#endif
  heuristics.finalize("choosing engines");
  return read_descriptors(heuristics, CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
}

/// Compiles the engine's code where it has none ready.
void compile(plan::state& one, const target& to) {
  one.compiled = std::make_unique<descriptor>(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
  if (to.handle != nullptr) one.compiled->set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1, &to.handle);
#if CUDNN_VERSION >= 90800
  if (to.device != nullptr) one.compiled->set_descriptor(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *to.device);
#endif
  one.compiled->set_descriptor(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, *one.config);
  one.compiled->finalize("compiling an engine");
  std::int64_t bytes = 0;
  one.compiled->read(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE, CUDNN_TYPE_INT64, 1, &bytes);
  one.workspace_bytes = static_cast<std::size_t>(std::max<std::int64_t>(bytes, 0));
}

/// All plans of a graph share its descriptors.
std::vector<plan> plans_on(const target& to, const std::shared_ptr<const descriptor>& device, const graph& described,
                           const plan_rules& rules, std::size_t most) {
  const auto lowered = std::make_shared<const lowered_graph>(lower(described));
  const auto operations = std::make_shared<const descriptor>(operation_graph(*lowered, to));
  std::vector<plan> result;
  std::string reason = "none follows the rules";
  for (const auto mode : {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
    if (!result.empty() && !rules.with_fallbacks) break;
    const std::size_t limit = result.size() + most;
    try {
      for (auto& config : configs_by(mode, *operations, to)) {
        if (result.size() >= limit) break;
        const engine_notes notes = notes_of(config);
        if (!allowed(notes, rules)) continue;
        auto one = std::make_shared<plan::state>();
        one->lowered = lowered;
        one->operations = operations;
        one->device = device;
        one->tensors = described.tensors();
        one->engine = engine_text(notes, settings_of(config));
        one->config = std::make_unique<descriptor>(std::move(config));
        try {
          compile(*one, to);
        } catch (const failure& f) {
          if (f.status() == GPUBENCH_MODULE_DEVICE_LOST || f.status() == GPUBENCH_MODULE_OUT_OF_DEVICE_MEMORY) throw;
          reason = f.what();
          continue;
        }
        if (one->workspace_bytes > rules.workspace_limit_bytes) {
          reason = "it needs a workspace of " + std::to_string(one->workspace_bytes) + " bytes";
          continue;
        }
        result.emplace_back(std::move(one));
      }
    } catch (const failure& f) {
      if (f.status() != GPUBENCH_MODULE_UNSUPPORTED) throw;
      reason = f.what();
    }
  }
  if (result.empty()) {
    throw failure(GPUBENCH_MODULE_UNSUPPORTED,
                  "cuDNN " + cudnn_version().value_or("") + " has no engine for this (" + reason + ")");
  }
  return result;
}

}  // namespace

std::size_t plan::workspace_bytes() const noexcept {
  return state_->workspace_bytes;
}

const std::string& plan::engine() const noexcept {
  return state_->engine;
}

std::vector<plan> plans_for(const handle& on, const graph& described, const plan_rules& rules, std::size_t most) {
  return plans_on({static_cast<cudnnHandle_t>(on.get()), nullptr}, nullptr, described, rules, most);
}

std::vector<plan> plans_for_described_device(const std::string& properties, const graph& described,
                                             const plan_rules& rules, std::size_t most) {
#if CUDNN_VERSION >= 90800
  if (const auto reason = cudnn_unavailable()) throw failure(GPUBENCH_MODULE_UNSUPPORTED, *reason);
  const auto device = std::make_shared<descriptor>(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  device->set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, static_cast<std::int64_t>(properties.size()),
              properties.data());
  device->finalize("describing a device");
  return plans_on({nullptr, device.get()}, device, described, rules, most);
#else
  (void)properties, (void)described, (void)rules, (void)most;
  throw failure(GPUBENCH_MODULE_UNSUPPORTED, "built with cuDNN's headers before 9.8, which describe no device");
#endif
}

}  // namespace gpubench::cuda::dnn
