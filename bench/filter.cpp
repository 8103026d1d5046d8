#include "bench/filter.hpp"

#include "core/error.hpp"

namespace gpubench::bench {

name_filter::name_filter(const std::string& expression) {
  if (expression.empty() || expression == "all") {
    takes_all_ = true;
    return;
  }
  negated_ = expression.front() == '-';
  try {
    expression_ = std::regex(negated_ ? expression.substr(1) : expression);
  } catch (const std::regex_error& problem) {
    throw error(error_kind::usage, "filter '" + expression + "' is not a regular expression: " + problem.what(),
                "escape brackets and stars that are meant literally with a backslash");
  }
}

bool name_filter::takes(const std::string& full_name) const {
  return takes_all_ || std::regex_search(full_name, expression_) != negated_;
}

}  // namespace gpubench::bench
