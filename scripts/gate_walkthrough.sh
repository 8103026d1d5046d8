#!/usr/bin/env bash
# Shows the gate at work on this machine: measures a baseline, gates the same code with one benchmark slowed down on
# purpose, which has to fail and name it, and then without, which has to pass every time. Exit 0: it did all that; 1: it
# did not; 2: wrong usage. docs/comparing.md has figures.
# Usage: scripts/gate_walkthrough.sh [--gpubench PROGRAM] [--filter REGEX] [--benchmark NAME] [--slowdown 3%]
#                                    [--runs 10] [--passes 50] [--patience 1min] [--keep DIR]
set -euo pipefail

gpubench=gpubench
# Cases that work within the first- and second-level cache of one core: other work on the machine disturbs them least.
filter='^memory_latency/working_set_bytes:(16384|1048576)$'
benchmark=memory_latency
slowdown=3%
runs=10
passes=50
patience=1min
keep=
while [ $# -gt 0 ]; do
  case "$1" in
    --gpubench | --filter | --benchmark | --slowdown | --runs | --passes | --patience | --keep)
      if [ $# -lt 2 ]; then echo "error: $1 lacks its value" >&2; exit 2; fi
      declare "${1#--}=$2"
      shift 2
      ;;
    -h | --help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
    *) echo "error: unknown argument '$1'" >&2; echo "  hint: $0 --help" >&2; exit 2 ;;
  esac
done
if ! command -v "$gpubench" >/dev/null; then
  echo "error: $gpubench not found" >&2
  echo "  hint: --gpubench build/cli/gpubench" >&2
  exit 2
fi
# Nothing may be slowed down but by the steps below.
unset GPUBENCH_TEST_SLOWDOWN

if [ -n "$keep" ] && [ -n "$(ls -A "$keep" 2>/dev/null)" ]; then
  echo "error: --keep $keep is not empty: its runs would count as this baseline's" >&2
  echo "  hint: name another folder, or empty it" >&2
  exit 2
fi
work=${keep:-$(mktemp -d)}
mkdir -p "$work"
[ -n "$keep" ] || trap 'rm -rf "$work"' EXIT

echo "1. A baseline of $runs runs, and the noise of this machine"
"$gpubench" selftest --filter "$filter" --runs "$runs" --output-dir "$work/baseline" --profile "$work/noise.json" --quiet

gate() { # gate NAME: exit status of a gate whose files are named so
  local status=0
  "$gpubench" gate --baseline "$work/baseline" --noise "$work/noise.json" --patience "$patience" --output-dir "$work/$1" \
    --write "markdown=$work/$1.md" --all >"$work/$1.txt" 2>"$work/$1.log" || status=$?
  echo "$status"
}

echo
echo "2. The same code with $benchmark slowed down by $slowdown on purpose"
as_wanted=true
status=$(GPUBENCH_TEST_SLOWDOWN="$benchmark=$slowdown" gate slowed)
cat "$work/slowed.txt"
if [ "$status" -eq 1 ] && grep -Eq "^ *$benchmark[^ ]* .*\bslower\b" "$work/slowed.txt"; then
  echo "slowed down by $slowdown: exit 1, names $benchmark"
else
  echo "slowed down by $slowdown: exit $status, which should be 1"
  cat "$work/slowed.log" >&2
  as_wanted=false
fi

echo
echo "3. The same code, $passes times"
passed=0 again=0
for ((i = 1; i <= passes; ++i)); do
  status=$(gate "same-$i")
  if [ "$status" -eq 0 ]; then passed=$((passed + 1)); else echo "exit $status:"; cat "$work/same-$i.txt"; fi
  if grep -q '^Measuring again' "$work/same-$i.log"; then again=$((again + 1)); fi
done
echo "unchanged: $passed of $passes passed, $again of them after measuring something again"
[ "$passed" -eq "$passes" ] || as_wanted=false
$as_wanted
