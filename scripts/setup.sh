#!/usr/bin/env bash
# Installs everything that gpubench needs to build, run and test, with apt (Debian 12 or newer, Ubuntu 22.04 or newer).
# Running it again changes nothing. Usage: scripts/setup.sh [--check] [--no-tests]
#   --check     only report what is missing (exit 4 if anything is)
#   --no-tests  leave out what only the tests need (Chromium, ...)
set -euo pipefail

check_only=false
with_tests=true
for argument in "$@"; do
  case "$argument" in
    --check) check_only=true ;;
    --no-tests) with_tests=false ;;
    -h | --help) sed -n '2,5s/^# //p' "$0"; exit 0 ;;
    *) echo "error: unknown argument '$argument'" >&2; echo "  hint: scripts/setup.sh [--check] [--no-tests]" >&2; exit 2 ;;
  esac
done

if ! command -v apt-get >/dev/null; then
  echo "error: apt-get not found" >&2
  echo "  hint: this script serves Debian and Ubuntu; docs/install.md lists the packages for other systems" >&2
  exit 4
fi

packages=(g++ make cmake ninja-build ccache pkg-config
  libfmt-dev nlohmann-json3-dev libcli11-dev libbenchmark-dev
  libopenblas-openmp-dev libdnnl-dev libjs-chart.js libssl-dev libeigen3-dev libnanoflann-dev libboost-dev libsimdjson-dev
  libxlsxwriter-dev libjpeg-dev libpng-dev libcpp-httplib-dev fio iperf3 iputils-ping)
if $with_tests; then
  # An MPI for the collectives between CPU ranks; to run gpubench without them none is needed.
  packages+=(libgtest-dev libgmock-dev python3 python3-jsonschema libopenmpi-dev openmpi-bin libxml2-utils
    python3-openpyxl python3-yaml python3-prometheus-client libbenchmark-tools python3-scipy iproute2 openssh-client rsync)
fi

available() { [ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]; }
installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Packages that not every release has: taken where apt knows them.
optional_packages() {
  echo libtomlplusplus-dev
  echo libffmpeg-nvenc-dev
  if $with_tests; then echo chromium; fi
}

missing_packages() {
  local package
  for package in "${packages[@]}"; do
    installed "$package" || echo "$package"
  done
  for package in $(optional_packages); do
    # Ubuntu's "chromium" is absent and its browser a snap; the browser test then skips and says so.
    if ! installed "$package" && available "$package"; then echo "$package"; fi
  done
}

# Servers that tests start by themselves. Installing their packages would start them as services, so only the programs
# are taken out of the packages.
test_tools=/usr/local/lib/gpubench-test-tools
test_tool_packages=(prometheus prometheus-pushgateway)
# A whole Slurm, with its plugins, for the tests of fleet; likewise an SSH server.
test_slurm=$test_tools/slurm
test_slurm_packages=(munge slurmctld slurmd slurm-client slurm-wlm-basic-plugins openssh-server)

missing_test_tools() {
  local package
  $with_tests || return 0
  for package in "${test_tool_packages[@]}"; do
    if [ ! -x "$test_tools/$package" ] && [ ! -x "/usr/bin/$package" ] && available "$package"; then echo "$package"; fi
  done
}

install_test_tools() {
  local folder package
  folder=$(mktemp -d)
  chmod 755 "$folder"
  as_root mkdir -p "$test_tools"
  for package in "$@"; do
    echo "Taking the programs of $package, which is not installed, for the tests"
    (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq "$package" && dpkg-deb -x "$package"_*.deb "$package")
    as_root cp "$folder/$package"/usr/bin/* "$test_tools/"
  done
  rm -rf "$folder"
}

missing_test_slurm() {
  local package
  $with_tests || return 0
  if [ -d "$test_slurm" ]; then return 0; fi
  for package in "${test_slurm_packages[@]}"; do
    # Nothing of it serves without the rest.
    available "$package" || return 0
  done
  echo slurm
}

# Installed would also be the services, the users and the configuration: the files alone are enough, with the libraries
# that they need, which start nothing.
install_test_slurm() {
  local folder package libraries=()
  folder=$(mktemp -d)
  chmod 755 "$folder"
  echo "Taking the programs of Slurm, MUNGE and the SSH server, which are not installed, for the tests"
  (cd "$folder" && apt-get -o APT::Sandbox::User=root download -qq "${test_slurm_packages[@]}")
  for package in "$folder"/*.deb; do
    dpkg-deb -x "$package" "$folder/slurm"
    mapfile -t -O "${#libraries[@]}" libraries < <(dpkg-deb -f "$package" Depends | tr ',' '\n' |
      sed -n 's/^ *\(lib[a-z0-9.+-]*\).*/\1/p')
  done
  as_root apt-get install -y -qq --no-install-recommends "${libraries[@]}" >/dev/null
  as_root mkdir -p "$test_tools"
  as_root cp -r "$folder/slurm" "$test_slurm.new"
  as_root mv "$test_slurm.new" "$test_slurm"
  # Started by root, an SSH server insists on this user.
  getent passwd sshd >/dev/null || as_root useradd --system --home-dir /run/sshd --shell /usr/sbin/nologin sshd
  rm -rf "$folder"
}

# Validators of Kubernetes objects, where npm is there to bring them; the tests of manifests skip without.
npm_packages=(kubernetes-types@1.30.0 kubernetes-models@4.5.1 typescript@5.9.3)

missing_npm_packages() {
  local package
  $with_tests || return 0
  command -v npm >/dev/null || return 0
  for package in "${npm_packages[@]}"; do
    [ -d "$test_tools/node_modules/${package%@*}" ] || echo "$package"
  done
}

install_npm_packages() {
  echo "Taking from npm, for the tests: $*"
  as_root mkdir -p "$test_tools"
  as_root npm install --prefix "$test_tools" --no-audit --no-fund --no-save --loglevel=error "${npm_packages[@]}" >/dev/null \
    || echo "note: npm brought them not; the tests that need them will skip" >&2
}

have_tomlplusplus() { [ -e /usr/include/toml++/toml.h ] || [ -e /usr/local/include/toml++/toml.h ]; }

# Ubuntu 22.04 has no package of toml++; it is header-only, so its released headers serve as well.
install_tomlplusplus_headers() {
  local version=v3.3.0 folder
  echo "toml++ is not packaged for this release: taking the headers of $version from its repository"
  installed git || as_root apt-get install -y --no-install-recommends git ca-certificates
  folder=$(mktemp -d)
  git clone --quiet --depth 1 --branch "$version" https://github.com/marzer/tomlplusplus "$folder/source"
  as_root cp -r "$folder/source/include/toml++" /usr/local/include/
  rm -rf "$folder"
}

mapfile -t missing < <(missing_packages)
mapfile -t missing_tools < <(missing_test_tools)
if $check_only; then
  missing+=("${missing_tools[@]}")
  mapfile -t -O "${#missing[@]}" missing < <(missing_test_slurm)
  mapfile -t -O "${#missing[@]}" missing < <(missing_npm_packages)
  have_tomlplusplus || [[ " ${missing[*]-} " == *" libtomlplusplus-dev "* ]] || missing+=("toml++ (headers)")
  if [ "${#missing[@]}" -eq 0 ]; then
    echo "Everything is installed."
    exit 0
  fi
  echo "Missing: ${missing[*]}"
  exit 4
fi

if [ "${#missing[@]}" -gt 0 ]; then
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    echo "error: not root, and sudo is not installed" >&2
    echo "  hint: as root run: apt-get install ${missing[*]}" >&2
    exit 4
  fi
  export DEBIAN_FRONTEND=noninteractive
  as_root apt-get update -qq
  mapfile -t missing < <(missing_packages)
  echo "Installing: ${missing[*]}"
  as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
have_tomlplusplus || install_tomlplusplus_headers
mapfile -t missing_tools < <(missing_test_tools)
if [ "${#missing_tools[@]}" -gt 0 ]; then install_test_tools "${missing_tools[@]}"; fi
if [ -n "$(missing_test_slurm)" ]; then install_test_slurm; fi
mapfile -t missing_modules < <(missing_npm_packages)
if [ "${#missing_modules[@]}" -gt 0 ]; then install_npm_packages "${missing_modules[@]}"; fi
echo "Set-up complete."
