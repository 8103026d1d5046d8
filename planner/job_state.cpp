#include "planner/job_state.hpp"

#include "models/resnet50.hpp"
#include "models/transformer.hpp"

namespace gpubench::planner {

double checkpoint_bytes(const profiles::workload& what) {
  switch (what.kind) {
    case profiles::workload_kind::cnn_train:
      return 8 * models::resnet50_parameters();
    case profiles::workload_kind::transformer_train:
      return 12 * models::trainable_parameters(what.transformer, what.training);
    case profiles::workload_kind::cnn_infer:
    case profiles::workload_kind::llm_serve:
    case profiles::workload_kind::operators:
    case profiles::workload_kind::host:
      return 0;
  }
  return 0;
}

}  // namespace gpubench::planner
