#!/usr/bin/env bash
# Sets up, builds and passes all tests. Arguments go to ctest, for example: scripts/test.sh -R planner
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
"$project/scripts/setup.sh"
"$project/scripts/build.sh" "$project/build/test" -DGPUBENCH_TESTS=ON -DGPUBENCH_WARNINGS_AS_ERRORS=ON
ctest --test-dir "$project/build/test" --output-on-failure --no-tests=error --parallel "$(nproc)" "$@"
