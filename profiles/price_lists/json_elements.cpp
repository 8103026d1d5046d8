#include "profiles/price_lists/json_elements.hpp"

#include "profiles/price_lists/counted_stream.hpp"

#include <fmt/format.h>

#include <istream>
#include <unordered_set>
#include <vector>

namespace gpubench::profiles::detail {
namespace {

constexpr int most_levels = 64;

// Calls back for each element of the outer array and lets the parser forget it.
class element_reader {
 public:
  element_reader(const counted_stream& stream, const std::function<void(const json&, const file_position&)>& read)
      : stream_(&stream), read_(&read) {}

  bool operator()(int depth, json::parse_event_t event, json& parsed) {
    using event_t = json::parse_event_t;
    if (depth > most_levels) refuse("the JSON is nested too deep");
    if (depth == 0 && event != event_t::array_start && event != event_t::array_end)
      refuse("the file is no list of instance types");
    switch (event) {
      case event_t::object_start:
        keys_.emplace_back();
        if (depth == 1) begin_ = stream_->position();
        break;
      case event_t::key: {
        const auto& key = parsed.get_ref<const std::string&>();
        if (!keys_.back().insert(key).second) refuse(fmt::format("key '{}' stands twice in one object", key));
        break;
      }
      case event_t::object_end:
        keys_.pop_back();
        break;
      default:
        break;
    }
    if (depth == 1 && event == event_t::value) refuse("an element of the list is no object");
    if (depth != 1 || event != event_t::object_end) return true;
    (*read_)(parsed, begin_);
    return false;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw error(error_kind::input, stream_->position(), what, "give the file as the tool wrote it");
  }

  const counted_stream* stream_;
  const std::function<void(const json&, const file_position&)>* read_;
  file_position begin_;
  std::vector<std::unordered_set<std::string>> keys_;
};

}  // namespace

void each_json_element(const std::filesystem::path& file,
                       const std::function<void(const json&, const file_position&)>& read) {
  counted_stream characters(file);
  std::istream stream(&characters);
  element_reader reader(characters, read);
  const auto on_event = [&reader](int depth, json::parse_event_t event, json& parsed) {
    return reader(depth, event, parsed);
  };
  try {
    [[maybe_unused]] const json emptied = json::parse(stream, on_event);
  } catch (const json::parse_error&) {
    const bool ended = characters.sgetc() == std::char_traits<char>::eof();
    throw error(error_kind::input, characters.position(),
                ended ? "the JSON text ends in the middle" : "not valid JSON here",
                ended ? "the file is truncated: fetch it again" : "give the file as the tool wrote it");
  } catch (const json::out_of_range&) {
    throw error(error_kind::input, characters.position(), "number is too large",
                "numbers lie between -1.8e308 and 1.8e308");
  }
}

}  // namespace gpubench::profiles::detail
