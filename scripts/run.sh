#!/usr/bin/env bash
# Sets up, builds and runs the main job: measure this machine, then say which instance to rent.
# Arguments go to `gpubench evaluate`, for example: scripts/run.sh --workload llama3-8b-serve --deadline 24h
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
"$project/scripts/setup.sh" --no-tests
"$project/scripts/build.sh" "$project/build/release" -DGPUBENCH_TESTS=OFF
exec "$project/build/release/cli/gpubench" evaluate "$@"
