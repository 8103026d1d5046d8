#include "bench/cuda/module/step_errors.hpp"

#include <algorithm>

namespace gpubench::cuda {

void step_errors::add(const std::string& step, double error) {
  for (auto& [name, worst] : errors_) {
    if (name == step) return worst.add(error);
  }
  errors_.emplace_back(step, worst_error()).second.add(error);
}

void step_errors::add(const step_errors& others) {
  for (const auto& [name, worst] : others.errors_) add(name, worst.get());
}

double step_errors::worst() const {
  worst_error result;
  for (const auto& [name, worst] : errors_) result.add(worst.get());
  return result.get();
}

std::string step_errors::wrong() const {
  std::vector<std::pair<std::string, double>> found;
  for (const auto& [name, worst] : errors_) {
    if (!(worst.get() <= 1)) found.emplace_back(name, worst.get());
  }
  // NaN first.
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return b.second == b.second && !(a.second <= b.second); });
  std::string text;
  for (const auto& [name, error] : found) {
    text += (text.empty() ? "" : ", ") + name + " (" + std::to_string(error) + ")";
  }
  return text;
}

}  // namespace gpubench::cuda
