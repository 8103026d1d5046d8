#!/usr/bin/env bash
# Builds gpubench with CUDA and packs it with the libraries that it needs into one file, to be carried to a machine that
# has a GPU and neither a compiler nor a network. There, unpack it and run ./gpubench or scripts/gpu_check.sh.
# Usage: scripts/pack.sh [--build-dir DIR] [FILE.tar.gz]
# NVIDIA's driver and libraries (cuBLAS, cuDNN, NCCL) are not packed: they are looked for where it runs. The C library of
# that machine must be as new as the one here.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
build_dir=$project/build/pack
file=gpubench-packed.tar.gz

while [ $# -gt 0 ]; do
  case "$1" in
    --build-dir)
      if [ $# -lt 2 ]; then echo "error: $1 needs a value" >&2; exit 2; fi
      build_dir=$2
      shift 2 ;;
    -h | --help) sed -n '2,6s/^# //p' "$0"; exit 0 ;;
    -*) echo "error: unknown argument '$1'" >&2; echo "  hint: scripts/pack.sh --help" >&2; exit 2 ;;
    *) file=$1; shift ;;
  esac
done

"$project/scripts/setup.sh"
"$project/scripts/build.sh" "$build_dir" -DGPUBENCH_CUDA=ON -DGPUBENCH_TESTS=ON

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
packed=$folder/gpubench-packed
cmake --install "$build_dir" --prefix "$packed" --strip >/dev/null
cp "$build_dir/tests/bench/cuda/gpu/cuda_gpu_tests" "$packed/bin/"
cp -r "$project/scripts" "$packed/"

# OpenBLAS is opened by name, so no program lists it. The C and C++ libraries stay those of the machine: two C libraries
# in one program do not work.
mkdir -p "$packed/lib/bundled"
openblas=$(ldconfig -p | awk '/libopenblas\.so\.0 .*x86-64|libopenblas\.so\.0 .*AArch64/ { print $NF; exit }')
needed_by() { ldd "$@" | awk '$2 == "=>" && $3 ~ /^\// { print $3 }'; }
{ echo "$openblas"; needed_by "$packed"/bin/* "$openblas" "$(find "$packed" -name gpubench_cuda.so)"; } | sort -u |
  grep -Ev '^$|/(libc|libm|libmvec|libdl|librt|libpthread|libresolv|libanl|libstdc\+\+|libgcc_s|ld-linux[^/]*)\.so' |
  xargs -I{} cp -L {} "$packed/lib/bundled/"

cat >"$packed/gpubench" <<'END'
#!/usr/bin/env bash
# Starts bin/gpubench with the libraries that were packed with it.
here=$(cd "$(dirname "$(readlink -f "$0")")" && pwd)
export LD_LIBRARY_PATH=$here/lib/bundled${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
exec "$here/bin/gpubench" "$@"
END
chmod +x "$packed/gpubench"

tar -C "$folder" -czf "$file" gpubench-packed
echo "Packed: $file ($(du -h "$file" | cut -f1))"
