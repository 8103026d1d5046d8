#!/usr/bin/env bash
# Checks the CUDA back-end on a machine with an NVIDIA GPU: builds it, passes the tests that need a GPU, measures the
# standard suite, does the same work through PyTorch where python3 has it, and prints both in one table.
# Usage: scripts/gpu_check.sh [--build-dir DIR] [--run-file FILE]
# Exit codes: 0 done; 3 a test or a measurement failed; 4 no GPU, or something else is missing.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$project/build/gpu
run_file="gpubench-gpu-check.json"

while [ $# -gt 0 ]; do
  case "$1" in
    --build-dir | --run-file)
      if [ $# -lt 2 ]; then echo "error: $1 needs a value" >&2; exit 2; fi
      if [ "$1" = --build-dir ]; then build_dir=$2; else run_file=$2; fi
      shift 2 ;;
    -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
    *) echo "error: unknown argument '$1'" >&2; echo "  hint: scripts/gpu_check.sh --help" >&2; exit 2 ;;
  esac
done

# Before anything is built: a driver makes one of these nodes (the last under WSL).
if ! compgen -G '/dev/nvidia[0-9]*' >/dev/null && [ ! -e /dev/dxg ]; then
  echo "error: no NVIDIA GPU here (no /dev/nvidia0): nothing was checked" >&2
  echo "  hint: run this on a machine with a GPU and its driver; a container needs --gpus all" >&2
  exit 4
fi

"$project/scripts/setup.sh"
"$project/scripts/build.sh" "$build_dir" -DGPUBENCH_CUDA=ON -DGPUBENCH_TESTS=ON
gpubench=$build_dir/cli/gpubench

# Says in its own words which part is missing, and exits 4.
"$gpubench" run --backend cuda --list >/dev/null

status=0
ctest --test-dir "$build_dir" -L gpu --no-tests=error --output-on-failure || status=3
"$gpubench" run --backend cuda --suite standard --run-file "$run_file" || status=3

if command -v python3 >/dev/null; then
  python3 "$project/scripts/gpu_check_torch.py" "$run_file" || status=3
else
  echo "python3 is not installed: no comparison with PyTorch; the table above is ours alone" >&2
fi
exit "$status"
