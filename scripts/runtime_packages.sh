#!/usr/bin/env bash
# Names the Debian packages that programs and libraries need to run, one a line: those that own the libraries which they
# are linked to. Usage: scripts/runtime_packages.sh FILE...
set -euo pipefail
if [ "$#" -eq 0 ]; then
  echo "error: a program or library is missing" >&2
  echo "  hint: scripts/runtime_packages.sh build/cli/gpubench" >&2
  exit 2
fi

libraries_of() {
  local lines
  lines=$(ldd "$@")
  if missing=$(grep 'not found' <<<"$lines"); then
    echo "error: not found: $(tr -s '[:space:]' ' ' <<<"$missing")" >&2
    exit 4
  fi
  awk '/=> \// {print $3}' <<<"$lines" | sort -u
}

# dpkg knows a file by the name that its package gave it: behind links, and with or without /usr in front.
owner_of() {
  local path=$1 name
  for name in "$path" "$(realpath "$path")" "/usr$path" "${path#/usr}"; do
    if dpkg-query --search "$name" 2>/dev/null; then return; fi
  done
  echo "note: no package owns $path" >&2
}

libraries_of "$@" | while read -r library; do owner_of "$library"; done | cut -d: -f1 | sort -u
