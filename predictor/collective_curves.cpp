#include <map>

#include "predictor/collective_model.hpp"

// Logarithm of measured over modelled time in thousandths, for 512 B, 1 KiB, ... 512 MiB. NCCL 2.27 to 2.29, fp16, out
// of place, one node with NVSwitch; H100: median of three runs, all-to-all weighed two to one with NCCL 2.23, whose
// exchanges of 64 KiB to 1 MiB are faster by a third. Single points that stand out of their neighbours are held to
// 12 % (all-to-all: 5 %) of these. Source: ai-dynamo/aiconfigurator commit 095f58a, comm/nccl tables of a100_sxm and
// h100_sxm (Apache-2.0, NVIDIA), 2026-08-21; formula constants fitted on the same 456 rows.
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
     {-8, -5, -24, -44, -45, 44, 13, 0, -8, 39, 135, 87, 39, -54, 43, -16, 16, -14, 6, 3, 0}},
    {"A100-SXM4-80GB", collective_kind::all_reduce, 4,
     {-2, -51, -32, -34, -38, 9, 22, 7, -44, -112, -32, -21, -45, -18, -44, 22, -47, 9, -5, -7, -8}},
    {"A100-SXM4-80GB", collective_kind::all_reduce, 8,
     {-44, -81, -93, -100, -116, -80, 21, 55, -15, -83, -117, 3, 123, -17, -10, -9, -9, -77, -5, -9, -14}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 2,
     {5, 12, -6, -17, 15, 38, 54, 79, 42, 88, 141, 233, 47, -23, 12, 74, 92, 89, 107, 106, 92}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 4,
     {-38, -38, -18, -32, 2, 93, 118, 103, 76, 41, 95, 104, 158, 98, -1, 97, 18, 79, 51, 63, 46}},
    {"A100-SXM4-80GB", collective_kind::all_gather, 8,
     {-8, -47, -60, -73, -88, -35, 121, 151, 98, 48, -3, 33, -10, -84, -52, 36, 67, 20, 64, 50, 30}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 2,
     {-4, 8, -9, -13, -43, 21, 17, 16, 9, 46, 116, 205, -42, -71, -105, -54, -40, -57, -28, -22, -13}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 4,
     {-39, -34, -47, -15, -28, -4, 22, -1, 12, -62, -2, 38, 74, 29, -91, 16, -44, 8, -20, -4, -12}},
    {"A100-SXM4-80GB", collective_kind::reduce_scatter, 8,
     {-7, -29, -45, -73, -93, -83, -27, -8, -43, -95, -142, -101, 12, -2, 26, -54, 32, -52, 8, -7, -6}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 2,
     {-76, -74, -58, -46, -27, -15, -21, -130, -170, -220, -157, -14, 16, 28, 46, 96, -38, -40, -50, -54, -52}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 4,
     {34, 26, 24, 12, 15, 30, 28, -62, -154, -204, -146, 7, 57, -9, -13, 56, 21, 21, 5, -19, -25}},
    {"A100-SXM4-80GB", collective_kind::all_to_all, 8,
     {115, -42, -51, 142, 149, -108, -90, -94, -64, -94, -144, -41, 143, 193, 18, 66, 39, 44, 28, 5, -1}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 2,
     {32, 56, 33, 6, -32, -31, -60, -94, -87, -36, 11, 20, 28, -62, -91, 6, 25, 1, -21, -44, -66}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 4,
     {29, 26, 59, 58, 40, 63, 23, 7, -37, -105, -43, -79, -29, 82, 9, -116, -94, -57, -46, -46, -45}},
    {"H100-SXM5-80GB", collective_kind::all_reduce, 8,
     {-4, 0, 7, 18, 33, 30, 87, 55, 27, -35, -134, -59, 16, -34, 35, 31, 26, -31, -30, -3, 24}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 2,
     {36, 6, -13, -3, 6, -64, -83, -103, -96, 0, 3, 123, -87, 33, 21, 48, 59, 35, 27, 12, -12}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 4,
     {51, 63, 83, 60, 54, 97, 33, 33, 8, -42, 9, 56, 106, 126, 27, -4, 9, -1, 3, -7, -18}},
    {"H100-SXM5-80GB", collective_kind::all_gather, 8,
     {35, 40, 72, 51, 63, 64, 159, 113, 91, 46, -42, 18, 8, 41, 40, -32, -33, -37, -10, -16, -19}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 2,
     {158, -13, 8, 6, -34, -105, -107, -114, -132, -38, 2, 79, -218, -98, -96, -10, 88, 92, 91, 78, 24}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 4,
     {65, 83, 75, 85, 41, 13, -40, -34, -67, -91, -58, -94, -4, 14, -136, -109, -32, 3, 13, 17, 7}},
    {"H100-SXM5-80GB", collective_kind::reduce_scatter, 8,
     {24, 39, 45, 52, 56, 52, 36, -3, -19, -71, -138, -136, -198, -76, 29, 15, -123, -78, -33, -27, -19}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 2,
     {-8, -31, -6, 21, 61, 86, 62, 115, 159, 90, 63, 28, -70, -63, -24, 26, -92, -129, -110, -128, -129}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 4,
     {-27, -12, 42, 83, 36, 117, 67, 27, 63, 70, 62, 1, -37, -54, -25, 63, 13, -44, -68, -86, -100}},
    {"H100-SXM5-80GB", collective_kind::all_to_all, 8,
     {-8, 34, 182, 132, 130, 80, 283, 233, 24, 31, -19, -51, -20, 44, 16, 73, 65, 18, 3, -7, -10}},};
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
