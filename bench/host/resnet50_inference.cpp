#include "bench/host/operands.hpp"
#include "bench/host/resnet50_inference_network.hpp"

#include <fmt/format.h>

#include "reference/resnet50.hpp"

namespace gpubench::bench::host {
namespace {

constexpr std::int64_t classes = 1000;

class resnet50_inference_case : public prepared_case {
 public:
  resnet50_inference_case(std::int64_t n, std::int64_t image_size, models::precision p, int threads)
      : layers_(models::resnet50_layers(n, image_size)), precision_(p) {
    use_threads(threads);
    parameters_ = random_parameters(layers_, classes);
    images_ = random_images(layers_.front().shape);
    network_ = std::make_unique<resnet50_inference_network>(layers_, parameters_, onednn::data_type_of(p));
    network_->set_images(images_);
  }

  std::chrono::duration<double, std::nano> sample() override {
    return time_of([this] { network_->run(); });
  }

  results::verification verify() override {
    // The last image of the batch, through every layer at full size.
    const auto& stem = layers_.front().shape;
    const auto last = static_cast<std::size_t>((stem.n - 1) * stem.c_in * stem.height * stem.width);
    const auto expected = reference::resnet50_scores(parameters_, {images_.data() + last, 1, stem.height});
    const auto scores = network_->scores();
    const std::vector<double> actual(scores.end() - classes, scores.end());
    // Rounding to 8 bits after each of 53 layers; in fp32 the measured error is about 1e-6.
    const double tolerance = precision_ == models::precision::bf16 ? 0.1 : 1e-4;
    return {fmt::format("{} scores of one image against a second implementation of the whole network in double "
                        "precision, relative to their root mean square",
                        classes),
            relative_deviation(actual, expected), tolerance};
  }

 private:
  std::vector<models::resnet_layer> layers_;
  models::precision precision_;
  resnet50_parameters parameters_;
  std::vector<float> images_;
  std::unique_ptr<resnet50_inference_network> network_;
};

std::vector<results::parameters> cases_of(suite s) {
  std::vector<results::parameters> cases{{{"n", 4}, {"image_size", 224}}};
  if (s != suite::quick) {
    for (const std::int64_t n : {1, 16}) cases.push_back({{"n", n}, {"image_size", 224}});
  }
  if (s == suite::full) cases.push_back({{"n", 64}, {"image_size", 224}});
  return cases;
}

benchmark_definition definition_of(models::precision p) {
  benchmark_definition definition;
  definition.name = fmt::format("resnet50_inference_{}", models::to_string(p));
  definition.description =
      fmt::format("Whole ResNet-50 v1.5 over n images in {} by oneDNN, normalisation folded, ReLU and residual fused",
                  models::to_string(p));
  definition.backend = "host";
  definition.cases = [p](suite s, const machine& where) { return cases_with_instructions(cases_of(s), where, p); };
  definition.work = [p](const results::parameters& values) {
    const std::int64_t n = size_of(values, "n");
    const auto work = models::total_work(models::resnet50_inference(n, p, true, size_of(values, "image_size")));
    return results::work_done{work.flop, work.bytes, static_cast<double>(n), "image"};
  };
  definition.unavailable = [p](const results::parameters& values, const machine& where) -> std::optional<std::string> {
    if (const auto reason = lacks_instructions(where, p)) return reason;
    const std::int64_t n = size_of(values, "n"), image_size = size_of(values, "image_size");
    // Activations, weights twice, and about 150 MB of the reference that checks one image.
    const double bytes = models::resnet50_activation_bytes(n, p, image_size) + 8 * models::resnet50_parameters() + 2e8;
    if (const auto reason = lacks_memory(where, bytes)) return reason;
    return onednn::lacks_fast_implementation([&] {
      const auto shape = models::resnet50_layers(n, image_size)[2].shape;
      return onednn::is_reference(onednn::forward(shape, onednn::open_layout(shape, onednn::data_type_of(p)),
                                                  dnnl::prop_kind::forward_inference));
    });
  };
  definition.prepare = [p](const results::parameters& values, const machine& where) -> std::unique_ptr<prepared_case> {
    return std::make_unique<resnet50_inference_case>(size_of(values, "n"), size_of(values, "image_size"), p,
                                                     where.threads);
  };
  definition.overhead = [](const results::parameters&, const machine&) { return std::chrono::duration<double>(1.5); };
  definition.peak = benchmark_definition::peak_kind::dense;
  definition.precision = p;
  return definition;
}

const registration fp32_registered{definition_of(models::precision::fp32)};
const registration bf16_registered{definition_of(models::precision::bf16)};

}  // namespace
}  // namespace gpubench::bench::host
