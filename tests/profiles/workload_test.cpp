#include "profiles/workload.hpp"

#include "models/transformer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/profiles/data_directory.hpp"

namespace gpubench::profiles {
namespace {

using testing::HasSubstr;

std::string valid_workload() {
  return "name = \"mine\"\n"
         "title = \"My training\"\n"
         "description = \"Some training.\"\n"
         "kind = \"transformer-train\"\n"
         "network = \"small\"\n"
         "unit = \"token\"\n"
         "total_units = 1_000_000\n"
         "precision = \"bf16\"\n"
         "source = \"me\"\n"
         "date = 2026-11-01\n"
         "[model]\n"
         "layers = 2\n"
         "hidden = 64\n"
         "heads = 4\n"
         "ffn = 256\n"
         "vocabulary = 1000\n"
         "[training]\n"
         "method = \"full\"\n"
         "sequence_length = 128\n"
         "batch_per_device = 8\n";
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(shipped_workloads, are_all_there) {
  std::vector<std::string> names;
  for (const auto& job : load_workloads(test::shipped())) names.push_back(job.name);
  EXPECT_THAT(names, testing::ElementsAre("bert-large-train", "data-preparation-images", "data-preparation-text",
                                          "equihash-200-9", "llama3-70b-serve", "llama3-8b-finetune", "llama3-8b-lora",
                                          "llama3-8b-serve", "md-lennard-jones", "render-frames", "resnet50-infer",
                                          "resnet50-train", "weather-stencil"));
  EXPECT_TRUE(validate_workloads(test::shipped()).empty());
}

TEST(shipped_workloads, stand_in_files_of_their_name_with_their_origin) {
  for (const auto& job : load_workloads(test::shipped())) {
    EXPECT_EQ(std::filesystem::path(job.origin.position.file).stem().string(), job.name);
    EXPECT_FALSE(job.origin.source.empty());
    EXPECT_FALSE(job.origin.date.empty());
  }
}

TEST(shipped_workloads, have_the_published_sizes) {
  const auto all = load_workloads(test::shipped());
  const auto resnet = find_workload(all, "resnet50-train");
  EXPECT_EQ(resnet.kind, workload_kind::cnn_train);
  EXPECT_DOUBLE_EQ(resnet.total_units, 90.0 * 1'281'167);
  const auto bert = find_workload(all, "bert-large-train");
  EXPECT_DOUBLE_EQ(bert.total_units, 1e6 * 256 * 512);
  EXPECT_EQ(bert.transformer.head_dim, 64);
  EXPECT_EQ(bert.transformer.kv_heads, 16);
  EXPECT_FALSE(bert.transformer.causal);
  EXPECT_TRUE(bert.transformer.tied_embeddings);
  const auto llama = find_workload(all, "llama3-70b-serve");
  EXPECT_EQ(llama.kind, workload_kind::llm_serve);
  EXPECT_EQ(llama.transformer.layers, 80);
  EXPECT_EQ(llama.transformer.kv_heads, 8);
  EXPECT_EQ(llama.transformer.positions, 0);
  EXPECT_TRUE(llama.transformer.gated_ffn);
  ASSERT_TRUE(llama.max_tpot_seconds);
  EXPECT_DOUBLE_EQ(*llama.max_tpot_seconds, 0.2);
  EXPECT_TRUE(find_workload(all, "llama3-8b-lora").training.lora);
  EXPECT_FALSE(find_workload(all, "llama3-8b-finetune").training.lora);
}

TEST(workload_file, fills_in_what_it_leaves_out) {
  const temporary_folder place;
  const auto job = load_workload(place.write("mine.toml", valid_workload()));
  EXPECT_EQ(job.transformer.kv_heads, 4);
  EXPECT_EQ(job.transformer.head_dim, 16);
  EXPECT_TRUE(job.transformer.causal);
  EXPECT_EQ(job.fallback_precision, models::precision::fp32);
  EXPECT_EQ(job.global_batch_sequences, 0);
  EXPECT_EQ(job.origin.date, "2026-11-01");
  EXPECT_EQ(find_workload({}, (place.path() / "mine.toml").string()).name, "mine");
}

struct mistake {
  const char* name;
  const char* from;
  const char* to;
  std::size_t line, column;
  const char* message;
  const char* hint;
};

void PrintTo(const mistake& m, std::ostream* out) {
  *out << m.name;
}

class wrong_workload : public testing::TestWithParam<mistake> {};

TEST_P(wrong_workload, is_refused_at_its_place) {
  const auto& m = GetParam();
  const temporary_folder place;
  const auto file = place.write("workloads/mine.toml", replaced(valid_workload(), m.from, m.to));
  try {
    load_workload(file);
    FAIL() << "it was taken";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_EQ(e.where().file, file.string());
    EXPECT_EQ(e.where().line, m.line) << e.describe();
    EXPECT_EQ(e.where().column, m.column) << e.describe();
    EXPECT_THAT(e.what(), HasSubstr(m.message));
    EXPECT_THAT(e.hint(), HasSubstr(m.hint));
  }
  EXPECT_EQ(validate_workloads(test::shipped(), {place.path()}).size(), 1u);
}

INSTANTIATE_TEST_SUITE_P(
    workload_file, wrong_workload,
    testing::Values(
        mistake{"unknown_key", "ffn = 256", "fnn = 256", 15, 7, "key 'model.fnn' is not known", "'ffn'"},
        mistake{"unknown_kind", "transformer-train", "transformer-trian", 4, 8, "kind 'transformer-trian' is not known",
                "'transformer-train'"},
        mistake{"unknown_precision", "\"bf16\"", "\"bf61\"", 8, 13, "precision 'bf61'", "'bf16'"},
        mistake{"table_of_another_kind", "[training]", "[serving]", 17, 1, "key 'serving' is not known", ""},
        mistake{"missing_source", "source = \"me\"\n", "", 0, 0, "source is missing", "comment"},
        mistake{"missing_size", "hidden = 64\n", "", 11, 1, "model.hidden is missing", ""},
        mistake{"negative_size", "layers = 2", "layers = -2", 12, 10, "model.layers -2 is outside", ""},
        mistake{"absurd_size", "hidden = 64", "hidden = 64_000_000", 13, 10, "model.hidden 64000000", ""},
        mistake{"zero_job", "1_000_000", "0", 7, 15, "total_units 0 is outside", ""},
        mistake{"nan_job", "1_000_000", "nan", 7, 15, "total_units nan is outside", ""},
        mistake{"fraction_of_a_layer", "layers = 2", "layers = 2.5", 12, 10, "not a whole number", ""},
        mistake{"text_for_a_number", "layers = 2", "layers = \"2\"", 12, 10, "not a whole number", ""},
        mistake{"odd_heads", "heads = 4", "heads = 5", 14, 9, "hidden 64 is not a multiple of heads 5", "head_dim"},
        mistake{"odd_kv_heads", "ffn = 256", "ffn = 256\nkv_heads = 3", 16, 12, "4 heads cannot share 3", "multiple"},
        mistake{"rank_of_full", "method = \"full\"", "method = \"full\"\nlora_rank = 8", 19, 13,
                "lora_rank of a full training", "lora"},
        mistake{"too_long", "ffn = 256", "ffn = 256\npositions = 64", 20, 19, "sequences of 128 tokens do not fit", ""},
        mistake{"bad_date", "2026-11-01", "\"November\"", 10, 8, "date 'November' is not a date", "YYYY"},
        mistake{"bad_name", "\"mine\"", "\"My job\"", 1, 8, "name 'My job'", "command line"}),
    [](const auto& one) { return std::string(one.param.name); });

TEST(workload_file, that_is_not_toml_is_refused_at_line_and_column) {
  const temporary_folder place;
  try {
    load_workload(place.write("x.toml", "name = \"a\"\nkind = \n"));
    FAIL() << "it was taken";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::input);
    EXPECT_EQ(e.where().line, 2u);
  }
}

std::string list_of_operators() {
  return "name = \"mine\"\n"
         "title = \"My layers\"\n"
         "description = \"Some layers.\"\n"
         "kind = \"operators\"\n"
         "unit = \"batch\"\n"
         "total_units = 1_000\n"
         "precision = \"bf16\"\n"
         "source = \"me\"\n"
         "date = 2026-11-01\n"
         "[operators]\n"
         "units_per_step = 4\n"
         "device_memory_bytes = 1e9\n"
         "most_devices = 3\n"
         "[[operators.list]]\n"
         "name = \"projection\"\n"
         "params = \"op=linear;m=1;n=2;k=3\"\n"
         "count = 2\n"
         "[[operators.list]]\n"
         "name = \"activation\"\n"
         "params = \"op=gelu;rows=1;cols=2\"\n"
         "precision = \"fp32\"\n";
}

TEST(workload_file, may_list_operators) {
  const temporary_folder place;
  const workload job = load_workload(place.write("x.toml", list_of_operators()));
  EXPECT_EQ(job.kind, workload_kind::operators);
  EXPECT_EQ(job.network, "mine");
  EXPECT_EQ(job.fallback_precision, models::precision::bf16) << "a list is meant as it stands";
  EXPECT_EQ(job.units_per_step, 4);
  EXPECT_EQ(job.device_memory_bytes, 1e9);
  EXPECT_EQ(job.most_devices, 3);
  ASSERT_EQ(job.operators.size(), 2u);
  EXPECT_EQ(job.operators[0].name, "projection");
  EXPECT_EQ(job.operators[0].count, 2);
  EXPECT_FALSE(job.operators[0].precision);
  EXPECT_EQ(job.operators[1].params, "op=gelu;rows=1;cols=2");
  EXPECT_EQ(job.operators[1].precision, models::precision::fp32);
  EXPECT_EQ(job.operators[1].count, 1);
  EXPECT_EQ(job.operators[1].position.line, 18u);
}

TEST(workload_file, of_a_list_that_is_none_is_refused_where_it_stands) {
  const temporary_folder place;
  const auto refusal = [&](const std::string& text) {
    try {
      load_workload(place.write("x.toml", text));
    } catch (const error& e) {
      return e.describe();
    }
    return std::string("taken");
  };
  EXPECT_THAT(refusal(replaced(list_of_operators(), "count = 2", "count = 0")), HasSubstr("x.toml:17"));
  EXPECT_THAT(refusal(replaced(list_of_operators(), "count = 2", "counts = 2")), HasSubstr("count"));
  EXPECT_THAT(refusal(replaced(list_of_operators(), "units_per_step = 4", "units_per_step = 0")),
              HasSubstr("x.toml:11"));
  std::string none = list_of_operators();
  none = none.substr(0, none.find("[[")) + "list = 3\n";
  EXPECT_THAT(refusal(none), HasSubstr("[[operators.list]]"));
}

std::string work_of_cores() {
  return "name = \"mine\"\n"
         "title = \"My images\"\n"
         "description = \"Some images.\"\n"
         "kind = \"host\"\n"
         "unit = \"image\"\n"
         "total_images = 1_000\n"
         "source = \"me\"\n"
         "date = 2026-11-01\n"
         "[host]\n"
         "cpu_seconds_per_unit = 0.002\n"
         "cpu = \"EPYC 9755\"\n"
         "measured_by = \"data_preparation_images\"\n";
}

TEST(workload_file, may_be_of_cores_alone) {
  const temporary_folder place;
  const workload job = load_workload(place.write("x.toml", work_of_cores()));
  EXPECT_EQ(job.kind, workload_kind::host);
  EXPECT_EQ(job.total_units, 1000);
  EXPECT_EQ(job.host_cpu_seconds_per_unit, 0.002);
  EXPECT_EQ(job.host_cpu, "EPYC 9755");
  EXPECT_EQ(job.host_benchmark, "data_preparation_images");
  const auto refusal = [&](const std::string& from, const std::string& to) {
    try {
      load_workload(place.write("x.toml", replaced(work_of_cores(), from, to)));
    } catch (const error& e) {
      return e.describe();
    }
    return std::string("taken");
  };
  EXPECT_THAT(refusal("cpu_seconds_per_unit = 0.002\n", ""), HasSubstr("host.cpu_seconds_per_unit is missing"));
  EXPECT_THAT(refusal("= 0.002", "= 0"), HasSubstr("x.toml:10"));
  EXPECT_THAT(refusal("data_preparation_images", "data_preparation_image"), HasSubstr("data_preparation_images"));
  EXPECT_THAT(refusal("cpu = ", "prepared_bytes_per_unit = 5\ncpu = "), HasSubstr("is not known here"));
  EXPECT_THAT(refusal("[host]", "precision = \"bf16\"\n[host]"), HasSubstr("precision"));
}

TEST(workload_file, states_its_size_in_units_images_tokens_or_steps) {
  const temporary_folder place;
  const auto size_of = [&](const std::string& stated, const std::string& batch = "") {
    const std::string text = replaced(valid_workload(), "total_units = 1_000_000", stated) + batch;
    return load_workload(place.write("x.toml", text)).total_units;
  };
  EXPECT_EQ(size_of("total_units = 7"), 7);
  EXPECT_EQ(size_of("total_tokens = 5_000"), 5000);
  EXPECT_EQ(size_of("total_steps = 10", "global_batch_sequences = 32\n"), 10 * 32 * 128);
  EXPECT_THROW(size_of("total_images = 5"), error) << "its unit is the token";
  EXPECT_THROW(size_of("total_units = 7\ntotal_tokens = 7"), error);
  EXPECT_THROW(size_of("total_steps = 10"), error) << "steps of no stated size";
  EXPECT_THROW(size_of("note = \"no size\""), error);
}

TEST(workloads, answer_to_an_alias_where_none_has_the_name) {
  const auto all = load_workloads(test::shipped());
  EXPECT_EQ(find_workload(all, "md-lj").name, "md-lennard-jones");
  const temporary_folder own;
  own.write("workloads/mine.toml", replaced(valid_workload(), "\"mine\"", "\"md-lj\""));
  EXPECT_EQ(find_workload(load_workloads(test::shipped(), {own.path()}), "md-lj").title, "My training");
  own.write("workloads/mine.toml", replaced(valid_workload(), "title", "alias = \"my job\"\ntitle"));
  EXPECT_THROW(load_workloads(own.path()), error);
}

TEST(workloads, of_an_overlay_replace_and_add) {
  const temporary_folder own;
  own.write("workloads/mine.toml", valid_workload());
  own.write("workloads/other.toml", replaced(valid_workload(), "\"mine\"", "\"bert-large-train\""));
  const auto all = load_workloads(test::shipped(), {own.path()});
  EXPECT_EQ(all.size(), load_workloads(test::shipped()).size() + 1);
  EXPECT_EQ(find_workload(all, "bert-large-train").title, "My training");
}

TEST(workloads, of_one_directory_have_different_names) {
  const temporary_folder own;
  own.write("workloads/a.toml", valid_workload());
  own.write("workloads/b.toml", valid_workload());
  const auto found = validate_workloads(test::shipped(), {own.path()});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_THAT(found[0].what(), HasSubstr("stands twice"));
}

TEST(workloads, not_known_are_refused_with_the_nearest) {
  const auto all = load_workloads(test::shipped());
  try {
    find_workload(all, "resnet-50-train");
    FAIL() << "it was found";
  } catch (const error& e) {
    EXPECT_EQ(e.kind(), error_kind::usage);
    EXPECT_THAT(e.hint(), HasSubstr("'resnet50-train'"));
  }
}

}  // namespace
}  // namespace gpubench::profiles
