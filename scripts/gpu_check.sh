#!/usr/bin/env bash
# Checks the CUDA back-end on a machine with an NVIDIA GPU: passes the tests that need a GPU, measures the standard suite,
# does the same work through PyTorch where python3 has it, and prints both in one table. In a folder unpacked from
# scripts/pack.sh's file it takes the programs that lie there; elsewhere it builds them first.
# Usage: scripts/gpu_check.sh [--build-dir DIR] [--output-dir DIR] [--suite NAME] [--budget DURATION] [--repeat N] [--sanitize]
#   --output-dir DIR  folder for run.json, comparison.json and logs (default: gpubench-gpu-check)
#   --suite NAME      quick, standard (default) or full
#   --budget DURATION for the suite (default: 8m, so that no case is cut because something was slow to prepare)
#   --repeat N        then the quick suite N times more, and how far its medians lie apart
#   --sanitize        then the quick suite's correctness under compute-sanitizer
# Exit codes: 0 done; 3 a test or a measurement failed; 4 no GPU, or something else is missing.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$project/build/gpu
output_dir=gpubench-gpu-check
suite=standard
budget=8m
repeat=0
sanitize=false

while [ $# -gt 0 ]; do
  case "$1" in
    --build-dir | --output-dir | --suite | --budget | --repeat)
      if [ $# -lt 2 ]; then echo "error: $1 needs a value" >&2; exit 2; fi
      case "$1" in
        --build-dir) build_dir=$2 ;;
        --output-dir) output_dir=$2 ;;
        --suite) suite=$2 ;;
        --budget) budget=$2 ;;
        --repeat) repeat=$2 ;;
      esac
      shift 2 ;;
    --sanitize) sanitize=true; shift ;;
    -h | --help) sed -n '2,12s/^# //p' "$0"; exit 0 ;;
    *) echo "error: unknown argument '$1'" >&2; echo "  hint: scripts/gpu_check.sh --help" >&2; exit 2 ;;
  esac
done
case "$suite" in
  quick | standard | full) ;;
  *) echo "error: --suite takes quick, standard or full, not '$suite'" >&2; exit 2 ;;
esac
if ! [[ "$repeat" =~ ^[0-9]+$ ]] || [ "$repeat" -eq 1 ]; then
  echo "error: --repeat takes a number of runs, two or more, not '$repeat'" >&2
  exit 2
fi
packed=false
if [ -x "$project/bin/gpubench" ]; then packed=true; fi
# Where the programs are built, what builds them brings it.
if $packed && [ "$repeat" -gt 0 ] && ! command -v python3 >/dev/null; then
  echo "error: --repeat needs python3, which compares the runs" >&2
  echo "  hint: install python3, or leave out --repeat" >&2
  exit 4
fi

# Before anything is built: a driver makes one of these nodes (the last under WSL).
if ! compgen -G '/dev/nvidia[0-9]*' >/dev/null && [ ! -e /dev/dxg ]; then
  echo "error: no NVIDIA GPU here (no /dev/nvidia0): nothing was checked" >&2
  echo "  hint: run this on a machine with a GPU and its driver; a container needs --gpus all" >&2
  exit 4
fi

libraries=${LD_LIBRARY_PATH:-}
if $packed; then
  gpubench=$project/bin/gpubench
  tests=$project/bin/cuda_gpu_tests
  module=$(find "$project" -name gpubench_cuda.so -print -quit)
  libraries=$project/lib/bundled${libraries:+:$libraries}
else
  "$project/scripts/setup.sh"
  "$project/scripts/build.sh" "$build_dir" -DGPUBENCH_CUDA=ON -DGPUBENCH_TESTS=ON
  gpubench=$build_dir/cli/gpubench
  tests=$build_dir/tests/bench/cuda/gpu/cuda_gpu_tests
  module=$build_dir/cli/gpubench_cuda.so
fi
# For our programs alone: PyTorch brings libraries of its own.
ours() { env LD_LIBRARY_PATH="$libraries" GPUBENCH_CUDA_MODULE="$module" "$@"; }

# Says in its own words which part is missing, and exits 4.
ours "$gpubench" run --backend cuda --list >/dev/null

mkdir -p "$output_dir"
status=0
ours "$tests" 2>&1 | tee "$output_dir/tests.log" || status=3
ours "$gpubench" run --backend cuda --suite "$suite" --budget "$budget" --run-file "$output_dir/run.json" || status=3

if command -v python3 >/dev/null; then
  python3 "$project/scripts/gpu_check/compare.py" "$output_dir/run.json" --json "$output_dir/comparison.json" || status=3
else
  echo "python3 is not installed: no comparison with PyTorch; the table above is ours alone" >&2
fi

if [ "$repeat" -gt 0 ]; then
  runs=()
  for ((i = 1; i <= repeat; ++i)); do
    runs+=("$output_dir/repeat-$i.json")
    ours "$gpubench" run --backend cuda --suite quick --quiet --run-file "${runs[-1]}" >/dev/null || status=3
  done
  python3 "$project/scripts/gpu_check/spread.py" "${runs[@]}" | tee "$output_dir/spread.txt" || status=3
fi

if $sanitize; then
  if command -v compute-sanitizer >/dev/null; then
    # Ten to fifty times slower, so the suite gets a budget of its own.
    ours env GPUBENCH_WATCHDOG_SECONDS=600 compute-sanitizer --error-exitcode 9 "$gpubench" run --backend cuda --suite quick --budget 8m --quiet \
      --run-file "$output_dir/sanitizer.json" >"$output_dir/sanitizer.log" 2>&1 || status=3
    tail -3 "$output_dir/sanitizer.log"
  else
    echo "compute-sanitizer is not installed: memory accesses were not checked" >&2
  fi
fi
exit "$status"
