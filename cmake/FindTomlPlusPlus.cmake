# toml++ is header-only; Debian 12 and Ubuntu 22.04 ship it without a CMake package that works on both.
find_path(TOMLPLUSPLUS_INCLUDE_DIR toml++/toml.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(TomlPlusPlus REQUIRED_VARS TOMLPLUSPLUS_INCLUDE_DIR)
if(TomlPlusPlus_FOUND AND NOT TARGET tomlplusplus::headers)
  add_library(tomlplusplus::headers INTERFACE IMPORTED)
  target_include_directories(tomlplusplus::headers SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE_DIR})
endif()
mark_as_advanced(TOMLPLUSPLUS_INCLUDE_DIR)
