#!/bin/sh
# Install the hub, its connectors and its functions into a folder: what the container image consists of.
#
#     sh infra/knative/install.sh /srv/hub
#
# Packages are pinned and hashed. Bytecode is compiled here, because nothing can write it later, and is never compared with
# its source's time, which image layers do not keep.
set -eu
prefix=${1:?"usage: install.sh FOLDER (it must not exist, or be empty)"}
repository=$(cd "$(dirname "$0")/../.." && pwd)
[ -z "$(ls -A "$prefix" 2>/dev/null)" ] || { echo "$prefix is not empty: name another folder" >&2; exit 1; }

mkdir -p "$prefix"
building=$(mktemp -d)
trap 'rm -rf "$building"' EXIT
"${PYTHON:-python3}" -m venv "$prefix/venv"
python="$prefix/venv/bin/python"
pip() { "$python" -m pip --disable-pip-version-check --quiet --quiet "$@"; }

# the extras `otlp` and `prometheus`: how telemetry leaves a cluster
pinned() { sed -nE "/^($1)==/,/[^\\\\]\$/p" "$repository/$2"; }
pinned 'opentelemetry-[a-z-]+|googleapis-common-protos|protobuf|prometheus-client' requirements-dev.txt > "$building/extras.txt"
pip install --require-hashes --no-compile -r "$repository/requirements.txt" -r "$building/extras.txt"

# what builds the wheels is hashed as well, and stays out of the image
pinned 'hatchling|packaging|pathspec|pluggy|tomlkit|trove-classifiers' requirements-local.txt > "$building/build.txt"
pip install --require-hashes --no-compile --target "$building/tools" -r "$building/build.txt"
PYTHONPATH="$building/tools" pip wheel --no-deps --no-build-isolation --wheel-dir "$building/wheels" \
  "$repository/shared" "$repository"/connectors/*/
pip install --no-deps --no-index --no-compile "$building"/wheels/*.whl

mkdir "$prefix/functions"
for function in "$repository"/functions/*/; do
  cp -R "$function" "$prefix/functions/"
done
cp "$repository/infra/knative/run_once.py" "$prefix/"
find "$prefix/functions" -name __pycache__ -prune -exec rm -rf {} +
pip uninstall --yes pip setuptools
"$python" -m compileall -q -j 0 --invalidation-mode unchecked-hash "$prefix"
