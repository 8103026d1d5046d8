#pragma once

#include "profiles/catalogue.hpp"
#include "profiles/price_lists/price_list.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace gpubench::profiles {

/// What a reader must be told beside the file.
struct price_list_request {
  std::string provider;          ///< empty: what the file or its name says
  std::string currency = "USD";  ///< of a list that states none
  const catalogue* known = nullptr;
};

/// One form of price list. Its file registers it.
struct price_list_format {
  std::string name;  ///< "skypilot"
  std::string description;
  /// Adds the prices of one file.   @throws error: io or input at file:line:column when the file as a whole is
  /// unusable; usage when the provider is not known.
  std::function<void(const std::filesystem::path&, const price_list_request&, price_list&)> read;
};

/// All registered formats, by name.
const std::vector<price_list_format>& price_list_formats();

/// @throws error: usage with the known names.
const price_list_format& find_price_list_format(const std::string& name);

/// The last line of a reader's file registers it.
struct price_list_registration {
  explicit price_list_registration(price_list_format format);
};

}  // namespace gpubench::profiles
