#pragma once

#include "profiles/provenance.hpp"

#include <array>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "predictor/collective_model.hpp"
#include "predictor/fit.hpp"
#include "predictor/residual_surface.hpp"
#include "predictor/serving_engine.hpp"

namespace gpubench::predictor {

/// How near the measurements of a family stand to the GPU that is predicted; intervals are kept for each.
enum class nearness {
  device,        ///< this GPU was measured
  architecture,  ///< another GPU of its architecture was
  other,         ///< only GPUs of other architectures were, or none
};
inline constexpr std::array<const char*, 3> nearness_names{"device", "architecture", "other"};

/// 5 % and 95 % quantiles of measured / predicted on rows that were not fitted on.
struct residual_band {
  double low = 0.5, high = 2;
  double mean_error = 0;  ///< mean |predicted / measured - 1| there
  std::size_t rows = 0;   ///< 0: assumed, nothing was held out
};

/// A GPU that was measured.
struct calibrated_device {
  std::string name;  ///< in the catalogue
  std::string architecture;
  coefficient_fit fit;
  std::vector<residual_point> points;  ///< of a part of the rows
  residual_surface surface;            ///< of these points
};

/// What is known of one family.
struct family_calibration {
  std::string family;
  std::vector<double> all;  ///< coefficients over all GPUs, each GPU counting the same
  std::vector<calibrated_device> devices;
  std::array<residual_band, 3> bands;  ///< by nearness
  double transfer = 0;            ///< share of other GPUs' mean residual of a shape that holds on a GPU without any
  residual_surface mean_surface;  ///< mean residual over the devices, of every shape
  profiles::provenance origin;

  const calibrated_device* find(const std::string& device) const;
  nearness nearest_to(const gpu_traits& on) const;
  /// Coefficients for a GPU: its own where it was measured, else the mean of all GPUs' logarithms, each weighted by
  /// likeness, exp(-|difference in generation|), and `all` by a half. A coefficient of the host is the lower median
  /// of the devices': hosts do not follow the GPUs' generations.
  std::vector<double> coefficients_for(const operator_family& model, const gpu_traits& on) const;
  /// Builds the surfaces from the points.
  void index();
};

/// All families that were fitted. A family without measurements has an entry too: its typical coefficients.
struct operator_calibration {
  std::map<std::string, family_calibration, std::less<>> families;
  collective_model collectives = shipped_collectives();
  served_engines engines = shipped_engines();

  const family_calibration& of(const operator_family& family) const { return families.find(family.name)->second; }
};

/// Nothing measured: typical coefficients and assumed bands for every family.
operator_calibration uncalibrated();

inline constexpr const char* calibration_file = "operators.toml";
inline constexpr const char* points_file = "operator_points.csv";

/// Reads both files of a folder, and its collectives.toml and servers.toml where there are such.
/// @throws error: io, or input at file:line:column for what does not fit the families of this program.
operator_calibration load_operator_calibration(const std::filesystem::path& directory);
/// Writes both files into an existing folder, and collectives.toml and servers.toml where they are not as shipped.
/// @throws error: io
void save_operator_calibration(const std::filesystem::path& directory, const operator_calibration& known);

}  // namespace gpubench::predictor
