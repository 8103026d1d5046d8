#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace gpubench::models {

/// Arithmetic type of an operator's inputs. tf32 is stored as 4 bytes and multiplied on tensor cores.
enum class precision { fp64, fp32, tf32, fp16, bf16, fp8, fp4, int8 };

inline constexpr precision all_precisions[] = {precision::fp64, precision::fp32, precision::tf32, precision::fp16,
                                               precision::bf16, precision::fp8,  precision::fp4,  precision::int8};

std::string_view to_string(precision p);
std::optional<precision> parse_precision(std::string_view name);

/// Storage of one element; 0.5 for fp4.
double bytes_per_element(precision p);

}  // namespace gpubench::models
