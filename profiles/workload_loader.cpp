#include "core/text.hpp"
#include "profiles/detail/toml_reader.hpp"
#include "profiles/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace gpubench::profiles {
namespace fs = std::filesystem;
namespace {

using detail::toml_reader;

// Beyond these a digit has slipped: the largest models and jobs published lie well within.
constexpr std::int64_t widest = 1'000'000, most_tokens = 10'000'000, most_sequences = 1'000'000;
constexpr double largest_job = 1e18;

models::precision read_precision(const toml_reader& top, std::string_view key) {
  std::vector<std::string> names;
  for (const auto p : models::all_precisions) names.emplace_back(models::to_string(p));
  return *models::parse_precision(top.choice(key, names));
}

void read_cnn(const toml_reader& top, workload& job) {
  top.choice("network", {"resnet50"});
  const auto cnn = top.table("cnn");
  cnn.allow_only({"image_size", "batch_per_device"});
  job.image_size = cnn.integer("image_size", 32, 4096);
  job.batch_per_device = cnn.integer("batch_per_device", 1, 65'536);
}

models::transformer read_model(const toml_reader& top) {
  const auto model = top.table("model");
  model.allow_only({"layers", "hidden", "heads", "kv_heads", "head_dim", "ffn", "gated_ffn", "vocabulary", "positions",
                    "tied_embeddings", "causal", "biases", "pretraining_head", "experts", "experts_per_token"});
  models::transformer shape;
  shape.layers = model.integer("layers", 1, 10'000);
  shape.hidden = model.integer("hidden", 8, widest);
  shape.heads = model.integer("heads", 1, 10'000);
  shape.kv_heads = model.integer_or("kv_heads", 1, 10'000, shape.heads);
  if (shape.heads % shape.kv_heads != 0)
    model.refuse("kv_heads", fmt::format("{} heads cannot share {} key-value heads", shape.heads, shape.kv_heads),
                 "heads must be a multiple of kv_heads");
  if (!model.has("head_dim") && shape.hidden % shape.heads != 0)
    model.refuse("heads", fmt::format("hidden {} is not a multiple of heads {}", shape.hidden, shape.heads),
                 "say head_dim where it is not hidden / heads");
  shape.head_dim = model.integer_or("head_dim", 1, 65'536, shape.hidden / shape.heads);
  shape.ffn = model.integer("ffn", 1, widest);
  shape.gated_ffn = model.flag_or("gated_ffn", false);
  shape.vocabulary = model.integer("vocabulary", 2, most_tokens);
  shape.positions = model.integer_or("positions", 0, most_tokens, 0);
  shape.tied_embeddings = model.flag_or("tied_embeddings", false);
  shape.causal = model.flag_or("causal", true);
  shape.biases = model.flag_or("biases", false);
  shape.pretraining_head = model.flag_or("pretraining_head", false);
  if (model.has("experts")) {
    // Every layer has the mixture; ffn is the inner width of one expert.
    shape.experts.experts = model.integer("experts", 2, 10'000);
    shape.experts.experts_per_token = model.integer("experts_per_token", 1, shape.experts.experts);
    shape.experts.ffn = shape.ffn;
  } else if (model.has("experts_per_token")) {
    model.refuse("experts_per_token", "model.experts_per_token without experts", "say how many experts there are");
  }
  return shape;
}

void read_training(const toml_reader& top, workload& job) {
  const auto training = top.table("training");
  training.allow_only({"method", "lora_rank", "recompute_activations", "sequence_length", "batch_per_device",
                       "global_batch_sequences"});
  job.training.lora = training.choice("method", {"full", "lora"}) == "lora";
  if (job.training.lora) {
    job.training.lora_rank = training.integer("lora_rank", 1, 65'536);
  } else if (training.has("lora_rank")) {
    training.refuse("lora_rank", "training.lora_rank of a full training", "write method = \"lora\", or leave it out");
  }
  job.training.recompute_activations = training.flag_or("recompute_activations", false);
  job.sequence_length = training.integer("sequence_length", 1, most_tokens);
  if (job.transformer.positions > 0 && job.sequence_length > job.transformer.positions)
    training.refuse("sequence_length", fmt::format("sequences of {} tokens do not fit the model's {} positions",
                                                   job.sequence_length, job.transformer.positions));
  job.batch_per_device = training.integer("batch_per_device", 1, most_sequences);
  job.global_batch_sequences = training.integer_or("global_batch_sequences", 1, most_sequences, 0);
}

void read_serving(const toml_reader& top, workload& job) {
  const auto serving = top.table("serving");
  serving.allow_only({"prompt_tokens", "output_tokens", "max_tpot_seconds", "max_ttft_seconds", "max_concurrency"});
  job.prompt_tokens = serving.integer("prompt_tokens", 1, most_tokens);
  job.output_tokens = serving.integer("output_tokens", 1, most_tokens);
  job.max_tpot_seconds = serving.optional_number("max_tpot_seconds", 1e-5, 3600);
  job.max_ttft_seconds = serving.optional_number("max_ttft_seconds", 1e-5, 86'400);
  job.max_concurrency = serving.integer("max_concurrency", 1, most_sequences);
  if (!job.transformer.causal)
    serving.refuse("output_tokens", "serving needs a causal model", "leave model.causal out, or write true");
}

void read_service(const toml_reader& top, workload& job) {
  if (!top.has("service")) return;
  const auto service = top.table("service");
  service.allow_only({"requests_per_second", "arrival_cv", "prompt_tokens_cv", "output_tokens_cv", "prefix_cache_share",
                      "tokens_per_step", "ttft_p95_seconds", "ttft_p99_seconds", "tpot_p95_seconds", "tpot_p99_seconds",
                      "e2e_p95_seconds", "e2e_p99_seconds", "availability"});
  service_level& level = job.service;
  level.requests_per_second = service.optional_number("requests_per_second", 1e-4, 1e6);
  level.arrival_cv = service.optional_number("arrival_cv", 0, 20).value_or(level.arrival_cv);
  level.prompt_tokens_cv = service.optional_number("prompt_tokens_cv", 0, 20).value_or(0);
  level.output_tokens_cv = service.optional_number("output_tokens_cv", 0, 20).value_or(0);
  level.prefix_cache_share = service.optional_number("prefix_cache_share", 0, 0.99).value_or(0);
  level.tokens_per_step = service.optional_number("tokens_per_step", 1, 16).value_or(1);
  const auto limit = [&](std::string_view key) { return service.optional_number(key, 1e-5, 86'400); };
  level.ttft_p95_seconds = limit("ttft_p95_seconds");
  level.ttft_p99_seconds = limit("ttft_p99_seconds");
  level.tpot_p95_seconds = limit("tpot_p95_seconds");
  level.tpot_p99_seconds = limit("tpot_p99_seconds");
  level.e2e_p95_seconds = limit("e2e_p95_seconds");
  level.e2e_p99_seconds = limit("e2e_p99_seconds");
  level.availability = service.optional_number("availability", 0.5, 0.9999999);
}

void read_operators(const toml_reader& top, workload& job) {
  const auto operators = top.table("operators");
  operators.allow_only({"units_per_step", "device_memory_bytes", "most_devices", "list"});
  job.units_per_step = operators.number("units_per_step", 1e-9, largest_job);
  job.device_memory_bytes = operators.number("device_memory_bytes", 0, 1e15);
  if (operators.has("most_devices")) job.most_devices = static_cast<int>(operators.integer("most_devices", 1, 1'000'000));
  for (const toml_reader& entry : operators.tables("list")) {
    entry.allow_only({"name", "params", "precision", "count"});
    listed_operator one;
    one.name = entry.text("name");
    one.params = entry.text("params");
    if (entry.has("precision")) one.precision = read_precision(entry, "precision");
    one.count = entry.optional_number("count", 1e-9, largest_job).value_or(1);
    one.position = entry.position();
    job.operators.push_back(std::move(one));
  }
}

void read_host(const toml_reader& top, workload& job) {
  if (!top.has("host")) return;
  const auto host = top.table("host");
  host.allow_only({"cpu_seconds_per_unit", "bytes_read_per_unit", "prepared_bytes_per_unit", "storage_bytes_per_second",
                   "checkpoint_interval_seconds"});
  job.host_cpu_seconds_per_unit = host.optional_number("cpu_seconds_per_unit", 0, 86'400).value_or(0);
  job.bytes_read_per_unit = host.optional_number("bytes_read_per_unit", 0, 1e15).value_or(0);
  job.prepared_bytes_per_unit = host.optional_number("prepared_bytes_per_unit", 0, 1e15).value_or(0);
  job.storage_bytes_per_second = host.optional_number("storage_bytes_per_second", 1, 1e15);
  job.checkpoint_interval_seconds = host.optional_number("checkpoint_interval_seconds", 1, 1e8);
  const bool trains = job.kind == workload_kind::cnn_train || job.kind == workload_kind::transformer_train;
  if (job.checkpoint_interval_seconds && !trains)
    host.refuse("checkpoint_interval_seconds", "only training writes checkpoints");
}

/// Work of cores alone: what it takes of one, and how that is known.
void read_host_work(const toml_reader& top, workload& job) {
  const auto host = top.table("host");
  host.allow_only({"cpu_seconds_per_unit", "cpu", "measured_by", "bytes_read_per_unit", "storage_bytes_per_second"});
  job.host_cpu_seconds_per_unit = host.number("cpu_seconds_per_unit", 1e-12, 86'400);
  job.host_cpu = host.text_or("cpu", "");
  if (host.has("measured_by"))
    job.host_benchmark = host.choice("measured_by", {"data_preparation_images", "data_preparation_text"});
  job.bytes_read_per_unit = host.optional_number("bytes_read_per_unit", 0, 1e15).value_or(0);
  job.storage_bytes_per_second = host.optional_number("storage_bytes_per_second", 1, 1e15);
}

/// The size of the job in whichever way it is stated, after the batch is known.
void read_size(const toml_reader& top, workload& job) {
  const std::string plural = "total_" + job.unit + "s";
  std::vector<std::string> stated;
  for (const std::string key : {"total_units", "total_tokens", "total_images", "total_steps"})
    if (top.has(key)) stated.push_back(key);
  if (stated.size() > 1)
    top.refuse(stated[1], fmt::format("the job's size stands twice, in {} and {}", stated[0], stated[1]),
               "keep one of them");
  if (stated.empty() || stated[0] == "total_units") {
    job.total_units = top.number("total_units", 1, largest_job);
  } else if (stated[0] == "total_steps") {
    if (job.global_batch_sequences == 0)
      top.refuse("total_steps", "steps are of no stated size", "say training.global_batch_sequences");
    const double sequences =
        top.number("total_steps", 1, largest_job) * static_cast<double>(job.global_batch_sequences);
    job.total_units = job.unit == "token" ? sequences * static_cast<double>(job.sequence_length) : sequences;
  } else if (stated[0] == plural) {
    job.total_units = top.number(plural, 1, largest_job);
  } else {
    top.refuse(stated[0], fmt::format("{} of a job whose unit is the {}", stated[0], job.unit),
               "write " + plural + ", or total_units");
  }
}

std::vector<std::string> keys_of(workload_kind kind) {
  // Cores work in whatever precision the program has.
  if (kind == workload_kind::host)
    return {"name",   "alias", "title", "description",  "kind",         "unit",        "total_units",
            "source", "date",  "note",  "total_images", "total_tokens", "total_steps", "rate_units_per_second",
            "host"};
  std::vector<std::string> keys{
      "name", "alias",       "title",        "description",        "kind",        "network",
      "unit", "total_units", "precision",    "fallback_precision", "source",      "date",
      "note", "host",        "total_tokens", "total_images",       "total_steps", "rate_units_per_second"};
  switch (kind) {
    case workload_kind::cnn_train:
    case workload_kind::cnn_infer:
      keys.insert(keys.end(), {"cnn"});
      break;
    case workload_kind::transformer_train:
      keys.insert(keys.end(), {"model", "training"});
      break;
    case workload_kind::llm_serve:
      keys.insert(keys.end(), {"model", "serving", "service"});
      break;
    case workload_kind::operators:
      keys.insert(keys.end(), {"operators"});
      break;
    case workload_kind::host:
      break;
  }
  return keys;
}

std::vector<fs::path> workload_files(const fs::path& directory) {
  std::vector<fs::path> files;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(directory / "workloads", code))
    if (entry.path().extension() == ".toml") files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

// Calls `use(workload)` for every file, and `fail(error)` for those that are wrong.
template <class Use, class Fail>
void each_workload(const fs::path& directory, const std::vector<fs::path>& overlays, Use use, Fail fail) {
  std::vector<fs::path> directories{directory};
  directories.insert(directories.end(), overlays.begin(), overlays.end());
  for (const auto& place : directories) {
    std::map<std::string, std::string> seen;
    for (const auto& file : workload_files(place)) {
      try {
        auto job = load_workload(file);
        const auto [first, fresh] = seen.emplace(job.name, file.string());
        if (!fresh)
          throw error(error_kind::input, job.origin.position,
                      fmt::format("workload '{}' stands twice, first in {}", job.name, first->second),
                      "give each file its own name");
        use(std::move(job));
      } catch (const error& failure) {
        fail(failure);
      }
    }
  }
}

}  // namespace

workload load_workload(const fs::path& file) {
  const auto document = load_toml(file);
  const toml_reader top(document, file.string());
  std::vector<std::string> kinds;
  for (const auto kind : {workload_kind::cnn_train, workload_kind::cnn_infer, workload_kind::transformer_train,
                          workload_kind::llm_serve, workload_kind::operators, workload_kind::host})
    kinds.emplace_back(to_string(kind));
  workload job;
  job.kind = *parse_workload_kind(top.choice("kind", kinds));
  top.allow_only(keys_of(job.kind));
  const auto read_name = [&](std::string_view key) {
    std::string name = top.text(key);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_.") != std::string::npos)
      top.refuse(key, fmt::format("{} '{}' has other signs than a-z, 0-9, '-', '_' and '.'", key, name),
                 "it is typed on the command line");
    return name;
  };
  job.name = read_name("name");
  if (top.has("alias")) job.alias = read_name("alias");
  job.title = top.text("title");
  job.description = top.text("description");
  const bool is_host = job.kind == workload_kind::host;
  // A list of operators need not be anybody's network.
  if (!is_host)
    job.network = job.kind == workload_kind::operators ? top.text_or("network", job.name) : top.text("network");
  job.unit = top.text("unit");
  job.precision = is_host ? models::precision::fp32 : read_precision(top, "precision");
  // What a list asks for is meant as it stands.
  if (job.kind == workload_kind::operators) job.fallback_precision = job.precision;
  if (top.has("fallback_precision")) job.fallback_precision = read_precision(top, "fallback_precision");
  job.origin = {top.text("source"), top.date("date"), top.text_or("note", ""),
                position_of(*document.get("name"), file.string())};
  switch (job.kind) {
    case workload_kind::cnn_train:
    case workload_kind::cnn_infer:
      read_cnn(top, job);
      break;
    case workload_kind::transformer_train:
      job.transformer = read_model(top);
      read_training(top, job);
      break;
    case workload_kind::llm_serve:
      job.transformer = read_model(top);
      read_serving(top, job);
      read_service(top, job);
      break;
    case workload_kind::operators:
      read_operators(top, job);
      break;
    case workload_kind::host:
      read_host_work(top, job);
      break;
  }
  if (!is_host) read_host(top, job);
  read_size(top, job);
  job.rate_units_per_second = top.optional_number("rate_units_per_second", 1e-9, 1e15);
  if (job.training.lora && job.transformer.experts.experts > 0)
    top.refuse("model", "adapters of a mixture of experts are not modelled", "write training.method = \"full\"");
  if (job.transformer.experts.experts > 0 && job.kind == workload_kind::llm_serve)
    top.refuse("model", "servers of a mixture of experts are predicted by gpubench predict only");
  return job;
}

std::vector<workload> load_workloads(const fs::path& directory, const std::vector<fs::path>& overlays) {
  std::map<std::string, workload> by_name;
  each_workload(
      directory, overlays,
      [&](workload job) {
        const auto name = job.name;
        by_name.insert_or_assign(name, std::move(job));
      },
      [](const error& failure) { throw failure; });
  std::vector<workload> all;
  for (auto& [name, job] : by_name) all.push_back(std::move(job));
  return all;
}

std::vector<error> validate_workloads(const fs::path& directory, const std::vector<fs::path>& overlays) {
  std::vector<error> found;
  each_workload(
      directory, overlays, [](const workload&) {}, [&](const error& failure) { found.push_back(failure); });
  return found;
}

}  // namespace gpubench::profiles
