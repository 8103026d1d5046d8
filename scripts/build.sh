#!/usr/bin/env bash
# Builds gpubench in Release mode. Usage: scripts/build.sh BUILD_DIR [cmake options...]
# The variable GPUBENCH_CMAKE_ARGS adds options, for every script that builds.
# Plain options instead of presets, because Ubuntu 22.04's CMake is too old for workflow presets.
set -euo pipefail
source_dir=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$1
shift
if ! mkdir -p "$build_dir" 2>/dev/null || [ ! -w "$build_dir" ]; then
  echo "error: cannot write to $build_dir" >&2
  echo "  hint: work in a clone of your own" >&2
  exit 2
fi
read -r -a extra_options <<<"${GPUBENCH_CMAKE_ARGS:-}"
cmake -S "$source_dir" -B "$build_dir" -G Ninja -DCMAKE_BUILD_TYPE=Release --log-level=WARNING "$@" \
  "${extra_options[@]}" >/dev/null
cmake --build "$build_dir"
