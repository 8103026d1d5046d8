#pragma once

#include "core/file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fleet/state.hpp"
#include "fleet/submit.hpp"
#include "tests/fleet/sample_campaign.hpp"
#include "tests/fleet/scripted_engine.hpp"
#include "tests/temporary_folder.hpp"

namespace gpubench::fleet {

/// A campaign with its manifest and an empty state, on an engine of this process.
class submitting : public testing::Test {
 protected:
  submitting() {
    write_file_atomically(made.path() / "all.txt", "all\n");
    save_state(made.path(), {sample_campaign().id, {}});
  }

  /// As a new process would find it.
  opened_campaign opened(int nodes = 4) const {
    auto of = sample_campaign();
    of.jobs.front().nodes = nodes;
    return {made.path(), of, &engine, load_state(made.path(), of)};
  }
  on_submission note() {
    return [this](const submission& one, handed_over how) {
      const char* word = how == handed_over::now       ? "submitted "
                         : how == handed_over::before  ? "found "
                         : how == handed_over::by_copy ? "of a copy "
                                                       : "by hand ";
      told.push_back(word + one.key);
    };
  }

  temporary_folder made;
  scripted_engine engine;
  std::vector<std::string> told;
};

}  // namespace gpubench::fleet
