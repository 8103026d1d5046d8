#include "tuning/launcher_settings.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace gpubench::tuning {
namespace {

bool is_among(std::string_view word, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

/// "NAME=VALUE", as of a variable.
std::optional<std::pair<std::string, std::string>> assignment_in(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) return std::nullopt;
  const auto name = text.substr(0, equals);
  const bool is_name =
      std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_'; });
  return is_name ? std::optional(std::pair(name, text.substr(equals + 1))) : std::nullopt;
}

class reading {
 public:
  explicit reading(const std::vector<std::string>& words) : words_(words) {}

  launcher_settings all() && {
    if (!words_.empty()) {
      const auto slash = words_.front().rfind('/');
      found_.is_mpirun = is_among(words_.front().substr(slash == std::string::npos ? 0 : slash + 1),
                                  {"mpirun", "mpiexec", "orterun", "prterun"});
    }
    for (at_ = 0; at_ < words_.size(); ++at_) look_at(words_[at_]);
    return std::move(found_);
  }

 private:
  std::string word(std::size_t ahead) const { return at_ + ahead < words_.size() ? words_[at_ + ahead] : ""; }

  /// @param count  of words, from here on
  void set(const std::string& name, const std::string& value, std::size_t count) {
    std::vector<std::string> said;
    for (std::size_t i = 0; i < count; ++i) said.push_back(shell_word(word(i)));
    auto& all = found_.set;
    all.erase(std::remove_if(all.begin(), all.end(), [&](const auto& one) { return one.name == name; }), all.end());
    all.push_back({name, value, join(said, " ")});
  }

  /// Of srun: "ALL,NAME=VALUE,NAME"; without ALL ranks get nothing else.
  void read_export(const std::string& list, std::size_t count) {
    found_.handed_on.clear();
    bool all = false;
    for (const auto& one : split(list, ',')) {
      if (const auto pair = assignment_in(one))
        set(pair->first, pair->second, count);
      else if (one == "ALL")
        all = true;
      else
        found_.handed_on.insert(one);
    }
    found_.closed.reset();
    if (!all) found_.closed = count == 1 ? word(0) : word(0) + " " + word(1);
  }

  void look_at(const std::string& one) {
    if (one == "-x" || one == "--x") {
      if (const auto pair = assignment_in(word(1)))
        set(pair->first, pair->second, 2);
      else
        found_.handed_on.insert(word(1));
      ++at_;
    } else if (is_among(one, {"--mca", "-mca", "--gmca", "-gmca", "--omca", "-omca"})) {
      read_mca(word(1), word(2));
      at_ += 2;
    } else if (is_among(one, {"-env", "--env", "-genv", "--genv"})) {
      read_hydra();
    } else if (is_among(one, {"-envnone", "-genvnone", "--envnone", "--genvnone"})) {
      found_.closed = one;
    } else if (is_among(one, {"-envlist", "-genvlist", "--envlist", "--genvlist"})) {
      found_.closed = one + " " + word(1);
      for (const auto& name : split(word(1), ',')) found_.handed_on.insert(name);
      ++at_;
    } else if (one == "--export") {
      read_export(word(1), 2);
      ++at_;
    } else if (one.rfind("--export=", 0) == 0) {
      read_export(one.substr(std::string_view("--export=").size()), 1);
    } else if (const auto pair = assignment_in(one)) {
      set(pair->first, pair->second, 1);  // env NAME=VALUE
    }
  }

  void read_mca(const std::string& name, const std::string& value) {
    if (name == "mca_base_env_list")
      for (const auto& one : split(value, ';'))
        if (const auto pair = assignment_in(one)) set(pair->first, pair->second, 3);
    set("OMPI_MCA_" + name, value, 3);
  }

  /// "-genv NAME VALUE", of Intel MPI also "-genv NAME=VALUE".
  void read_hydra() {
    if (const auto pair = assignment_in(word(1))) {
      set(pair->first, pair->second, 2);
      ++at_;
    } else {
      set(word(1), word(2), 3);
      at_ += 2;
    }
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 0;
  launcher_settings found_;
};

}  // namespace

std::optional<std::string> launcher_settings::objection_to(const std::string& name) const {
  const auto found = std::find_if(set.begin(), set.end(), [&](const variable& one) { return one.name == name; });
  if (found != set.end())
    return fmt::format("in place of {} on the launcher's command line, which overrides the environment", found->words);
  if (closed && handed_on.count(name) == 0)
    return fmt::format("on the launcher's command line: {} keeps the environment from the ranks", *closed);
  return std::nullopt;
}

std::optional<std::string> launcher_settings::condition_of(const std::string& name) const {
  const bool reaches_all = name.rfind("OMPI_", 0) == 0 || handed_on.count(name) > 0;
  if (!is_mpirun || reaches_all || objection_to(name)) return std::nullopt;
  return fmt::format("with -x {} after mpirun, without which Open MPI hands it to no other machine", name);
}

launcher_settings read_launcher(const std::vector<std::string>& words) {
  return reading(words).all();
}

}  // namespace gpubench::tuning
