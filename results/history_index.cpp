#include "results/history_index.hpp"

#include "core/digest.hpp"

#include <fmt/format.h>

#include <cstring>
#include <limits>
#include <stdexcept>
#include <type_traits>
#include <unordered_map>
#include <utility>

namespace gpubench::results::detail {
namespace {

constexpr std::string_view version_line = "gpubench history index 3 ";

class byte_writer {
 public:
  template <class Number>
  void number(Number value) {
    static_assert(std::is_arithmetic_v<Number>);
    const auto size = bytes_.size();
    bytes_.resize(size + sizeof value);
    std::memcpy(bytes_.data() + size, &value, sizeof value);
  }
  void text(std::string_view value) {
    number(static_cast<std::uint32_t>(value.size()));
    bytes_ += value;
  }
  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class byte_reader {
 public:
  explicit byte_reader(std::string_view bytes) : bytes_(bytes) {}

  template <class Number>
  Number number() {
    Number value{};
    require(sizeof value);
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
    return value;
  }
  std::string text() {
    const auto size = number<std::uint32_t>();
    require(size);
    std::string value(bytes_.substr(0, size));
    bytes_.remove_prefix(size);
    return value;
  }
  /// A number of things of at least `least_bytes` each.
  std::size_t count(std::size_t least_bytes) {
    const auto value = number<std::uint32_t>();
    require(value * least_bytes);
    return value;
  }
  bool at_end() const { return bytes_.empty(); }

 private:
  void require(std::size_t size) const {
    if (bytes_.size() < size) throw std::out_of_range("the index ends too early");
  }

  std::string_view bytes_;
};

// Machines, devices and names of cases are few and stand in every run.
class text_pool {
 public:
  std::uint32_t of(const std::string& text) {
    const auto [place, fresh] = numbers_.emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(text);
    return place->second;
  }
  const std::vector<std::string>& texts() const { return texts_; }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::string> texts_;
};

void write_file(const history_file& file, text_pool& pool, byte_writer& out) {
  out.text(file.path);
  out.number(file.bytes);
  out.number(file.modified_ns);
  out.number(static_cast<std::uint8_t>(file.is));
  out.text(file.problem);
  out.text(file.summary.id);
  out.text(file.summary.started_at);
  out.number(pool.of(file.summary.machine));
  out.number(static_cast<std::uint32_t>(file.summary.measurements.size()));
  for (const auto& one : file.summary.measurements) {
    out.number(pool.of(one.device));
    out.number(pool.of(one.name));
    for (const auto& value : one.values) out.number(value.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
}

history_file read_one(byte_reader& in, const std::vector<std::string>& texts) {
  history_file file;
  file.path = in.text();
  file.bytes = in.number<std::uint64_t>();
  file.modified_ns = in.number<std::int64_t>();
  const auto kind = in.number<std::uint8_t>();
  if (kind > static_cast<std::uint8_t>(history_file::kind::broken)) throw std::out_of_range("no such kind of file");
  file.is = static_cast<history_file::kind>(kind);
  file.problem = in.text();
  file.summary.id = in.text();
  file.summary.started_at = in.text();
  file.summary.machine = texts.at(in.number<std::uint32_t>());
  file.summary.measurements.resize(in.count(2 * sizeof(std::uint32_t) + sizeof(double) * metric_names.size()));
  for (auto& one : file.summary.measurements) {
    one.device = texts.at(in.number<std::uint32_t>());
    one.name = texts.at(in.number<std::uint32_t>());
    for (auto& value : one.values) {
      const auto number = in.number<double>();
      if (number == number) value = number;  // NaN stands for absent
    }
  }
  return file;
}

}  // namespace

std::string write_index(const std::vector<history_file>& files, std::int64_t made_ns) {
  text_pool pool;
  byte_writer listed;
  for (const auto& file : files) write_file(file, pool, listed);
  byte_writer head;
  head.number(made_ns);
  head.number(static_cast<std::uint32_t>(pool.texts().size()));
  for (const auto& text : pool.texts()) head.text(text);
  head.number(static_cast<std::uint32_t>(files.size()));
  const auto payload = head.take() + listed.take();
  return fmt::format("{}{}\n", version_line, sha256_hex(payload)) + payload;
}

std::optional<history_index> read_index(std::string_view bytes) {
  constexpr std::size_t digest_size = 64;
  const auto head = version_line.size() + digest_size + 1;
  if (bytes.size() < head || bytes.substr(0, version_line.size()) != version_line || bytes[head - 1] != '\n')
    return std::nullopt;
  const auto payload = bytes.substr(head);
  if (sha256_hex(payload) != bytes.substr(version_line.size(), digest_size)) return std::nullopt;
  try {
    byte_reader in(payload);
    history_index index;
    index.made_ns = in.number<std::int64_t>();
    std::vector<std::string> texts(in.count(sizeof(std::uint32_t)));
    for (auto& text : texts) text = in.text();
    const auto files = in.count(1);
    for (std::size_t i = 0; i < files; ++i) index.files.push_back(read_one(in, texts));
    if (!in.at_end()) return std::nullopt;
    return index;
  } catch (const std::out_of_range&) {
    return std::nullopt;
  }
}

}  // namespace gpubench::results::detail
