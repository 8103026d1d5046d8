#include <map>

#include "predictor/collective_model.hpp"

// Logarithm of measured over modelled time in thousandths, for 512 B, 1 KiB, ... 512 MiB. NCCL 2.27 to 2.29, fp16, out
// of place, one node with NVSwitch; H100: median of three runs, all-to-all weighed two to one with NCCL 2.23, whose
// exchanges of 64 KiB to 1 MiB are faster by a third. Single points that stand out of their neighbours are held to
// 12 % (all-to-all: 5 %) of these, and times to never falling with the size (pooled neighbours). Source:
// ai-dynamo/aiconfigurator commit 095f58a, comm/nccl tables of a100_sxm and h100_sxm (Apache-2.0, NVIDIA), 2026-08-21;
// formula constants fitted on the same rows.
namespace gpubench::predictor {
namespace {

struct row {
  const char* gpu;
  collective_kind kind;
  int ranks;
  short thousandths[collective_curve::sizes];
};

// clang-format off
constexpr row rows[] = {
    {"A100-SXM4-80GB", collective_kind::all_reduce, 2,
     {-9, -8, -22, -44, -45, 44, 13, 0, -7, 39, 135, 87, 39, -54, 43, -16, 16, -14, 6, 3, 0}},
    {"A100-SXM4-80GB", collective_kind::all_reduce, 4,
     {-27, -28, -31, -34, -39, 9, 22, 7, -44, -112, -32, -21, -45, -18, -44, 22, -47, 8, -6, -7, -8}},
    {"A100-SXM4-80GB", collective_kind::all_reduce, 8,
     {-83, -83, -84, -87, -96, -80, 21, 40, -6, -77, -117, 4, 124, -17, -9, -9, -9, -77, -5, -9, -14}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 2,
     {5, 11, -5, -17, 15, 38, 54, 74, 48, 88, 141, 234, 47, -23, 12, 74, 92, 89, 107, 106, 92}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 4,
     {-39, -39, -19, -32, 1, 93, 119, 103, 77, 41, 95, 105, 158, 98, -1, 97, 18, 79, 51, 62, 46}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 8,
     {-51, -51, -53, -56, -66, -36, 121, 145, 104, 49, -3, 33, -10, -84, -52, 36, 67, 20, 64, 50, 30}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 2,
     {-4, 7, -9, -13, -43, 21, 17, 16, 9, 47, 117, 206, -42, -71, -105, -54, -40, -56, -28, -22, -13}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 4,
     {-39, -39, -43, -15, -28, -4, 23, 0, 4, -54, -2, 38, 74, 29, -91, 16, -44, 8, -20, -4, -12}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 8,
     {-45, -46, -47, -50, -60, -83, -27, -8, -42, -95, -142, -101, 13, -2, 27, -54, 32, -52, 8, -7, -6}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 2,
     {-76, -74, -58, -46, -27, -15, -22, -131, -170, -220, -157, -14, 16, 28, 46, 96, -38, -40, -50, -54, -52}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 4,
     {32, 28, 23, 13, 15, 30, 27, -62, -155, -205, -146, 7, 57, -10, -13, 56, 21, 21, 5, -19, -25}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 8,
     {12, 8, 2, 50, 38, 18, -18, -91, -64, -94, -144, -41, 143, 193, 18, 66, 39, 44, 28, 5, -1}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 2,
     {32, 52, 36, 6, -32, -31, -62, -92, -87, -35, 12, 20, 28, -62, -91, 5, 25, 1, -21, -44, -66}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 4,
     {28, 27, 59, 58, 40, 63, 24, 7, -37, -105, -42, -78, -28, 82, 9, -116, -94, -57, -46, -46, -45}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 8,
     {-4, 0, 7, 18, 33, 30, 87, 55, 27, -35, -133, -59, 16, -33, 36, 31, 27, -31, -29, -2, 25}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 2,
     {19, 14, -5, -3, 6, -63, -83, -102, -96, 0, 3, 123, -87, 33, 21, 48, 59, 35, 27, 12, -11}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 4,
     {51, 62, 79, 63, 54, 97, 34, 34, 8, -42, 9, 57, 107, 126, 27, -4, 9, -1, 3, -7, -18}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 8,
     {35, 39, 63, 59, 63, 64, 159, 113, 91, 46, -41, 18, 9, 41, 40, -32, -33, -37, -10, -16, -19}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 2,
     {60, 55, 37, 6, -34, -104, -107, -113, -131, -37, 2, 79, -218, -98, -96, -10, 88, 92, 91, 78, 24}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 4,
     {65, 81, 77, 85, 41, 13, -40, -33, -67, -91, -57, -93, -4, 14, -136, -109, -32, 3, 13, 17, 7}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 8,
     {24, 38, 45, 52, 55, 52, 36, -2, -19, -70, -137, -136, -198, -75, 30, 15, -123, -78, -33, -27, -20}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 2,
     {-18, -22, -6, 21, 61, 86, 62, 115, 158, 90, 63, 28, -70, -63, -24, 26, -92, -129, -110, -128, -128}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 4,
     {-27, -12, 42, 68, 51, 116, 66, 27, 63, 70, 61, 1, -37, -54, -25, 63, 13, -44, -68, -86, -100}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 8,
     {-8, 34, 149, 140, 127, 106, 279, 198, 61, 31, -19, -51, -20, 44, 16, 72, 65, 18, 3, -7, -10}},
};
// clang-format on

}  // namespace

const collective_model& shipped_collectives() {
  static const collective_model model = [] {
    const std::map<std::string, std::string> architectures{{"A100-SXM4-80GB", "Ampere"}, {"H100-SXM5-80GB", "Hopper"}};
    collective_model m;
    for (const row& r : rows) {
      collective_curve curve{r.gpu, architectures.at(r.gpu), r.kind, r.ranks, {}};
      for (std::size_t i = 0; i < collective_curve::sizes; ++i)
        curve.log_residual[i] = static_cast<float>(r.thousandths[i]) / 1000;
      m.curves.push_back(std::move(curve));
    }
    return m;
  }();
  return model;
}

}  // namespace gpubench::predictor
