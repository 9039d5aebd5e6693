#!/bin/sh
# Run a command beside LocalStack's free edition, without Docker: sh run.sh UV PYTHON COMMAND...
# PYTHON is 3.12 or newer: the package says 3.10, and holds syntax of 3.12.
# It listens on every interface whatever GATEWAY_LISTEN says, so both run in a network namespace of their own, which
# has a loopback and nothing else. Linux only; without root, the system must allow user namespaces.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$(sed -n -E 's/^localstack-core(\[runtime\])?==([^ ]*).*/\2/p' "$here/requirements.txt")
target="${XDG_CACHE_HOME:-$HOME/.cache}/integrations-hub/localstack-$version"

if [ "$1" != --inside ]; then
  command -v unshare >/dev/null || { echo "LocalStack needs a network namespace, and unshare was not found (Debian: util-linux)." >&2; exit 1; }
  if [ ! -x "$target/bin/localstack-supervisor" ]; then
    "$2" -c 'import sys; sys.exit(not (3, 12) <= sys.version_info < (3, 14))' 2>/dev/null || {
      echo "LocalStack needs Python 3.12 or 3.13. Name one: make localstack LOCALSTACK_PYTHON=/path/to/python3.13" >&2
      exit 1
    }
    echo "installing LocalStack $version in $target"
    fresh="$target.new.$$"
    trap 'rm -rf "$fresh"' EXIT
    "$1" venv --quiet --relocatable --python "$2" "$fresh"
    "$1" pip install --quiet --python "$fresh/bin/python" --require-hashes -r "$here/requirements.txt"
    rm -rf "$target"
    mv "$fresh" "$target"
  fi
  shift 2
  flags=--net
  [ "$(id -u)" = 0 ] || flags="--map-root-user --net"
  exec unshare $flags sh "$0" --inside "$@"
fi

shift
ip link set lo up
folder=$(mktemp -d)
env -i PATH=/usr/bin:/bin HOME="$folder" TMPDIR="$folder" DNS_ADDRESS=0 DISABLE_EVENTS=1 SKIP_SSL_CERT_DOWNLOAD=1 \
  LOCALSTACK_VOLUME_DIR="$folder/volume" "$target/bin/python" -m localstack.runtime.main > "$folder/log" 2>&1 &
server=$!
trap 'kill $server 2>/dev/null || true; wait $server 2>/dev/null || true; rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM
tries=0
until curl --silent --fail --noproxy '*' http://127.0.0.1:4566/_localstack/health > /dev/null; do
  tries=$((tries + 1))
  if [ $tries -gt 120 ] || ! kill -0 $server 2>/dev/null; then
    echo "LocalStack did not start:" >&2
    tail -20 "$folder/log" >&2
    exit 1
  fi
  sleep 0.5
done
echo "LocalStack $version is at http://127.0.0.1:4566, in a network namespace of its own"
"$@"
