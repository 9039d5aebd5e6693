#!/bin/sh
# Install the tools the tests use beside Python, once per version, outside the checkout; no root is needed. What cannot
# be installed here (without npm, without apt) is left out: the tests that need it say so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/integrations-hub"
# each tool is made in a folder of its own and moved when it is whole: what was interrupted is begun again
fresh=
trap 'rm -rf ${fresh:+"$fresh"}' EXIT
trap 'exit 130' INT TERM

# with npm: the linter of OpenAPI documents; Prism, which judges simulated providers; kustomize and what its output must be
for folder in kubernetes redocly prism; do
  command -v npm >/dev/null || break
  versions=$(sed -n 's/.*": "\([0-9][0-9.]*\)".*/\1/p' "$here/$folder/package.json" | paste -s -d - -)
  target="$cache/$folder-$versions"
  [ ! -d "$target" ] || continue
  echo "installing $folder $versions in $target"
  fresh="$target.new.$$"
  mkdir -p "$fresh"
  cp "$here/$folder/package.json" "$here/$folder/package-lock.json" "$here/$folder/.npmrc" "$fresh"
  (cd "$fresh" && npm ci --silent)
  # GitHub's documents come a second time with every reference written out: 340 MB nobody reads
  find "$fresh" -name '*.deref.json' -exec rm -f {} +
  mv "$fresh" "$target"
done

# the judges of template.yaml, an emulator to deploy it to, and an operator's own command line: Python programs whose
# packages do not agree with ours, so each has an environment of its own
uv="$here/../../.venv/bin/uv"
for tool in sam checkov ministack awscli; do
  [ -x "$uv" ] || break
  version=$(sed -n -E 's/^(aws-sam-cli|awscli|checkov|ministack)(\[full\])?==([^ ]*).*/\3/p' "$here/$tool/requirements.txt")
  target="$cache/$tool-$version"
  [ ! -x "$target/bin/${tool%cli}" ] || continue
  echo "installing $tool $version in $target"
  fresh="$target.new.$$"
  "$uv" venv --quiet --relocatable "$fresh"
  "$uv" pip install --quiet --python "$fresh/bin/python" --require-hashes -r "$here/$tool/requirements.txt"
  rm -rf "$target"
  mv "$fresh" "$target"
done

# what Lambda's Python runtimes bring: their loop, part of which is compiled for one version of Python, and boto3
python="$here/../../.venv/bin/python"
if [ -x "$uv" ]; then
  versions=$(sed -n -E 's/^(awslambdaric|boto3)==([^ ]*).*/\2/p' "$here/lambda-runtime/requirements.txt" | paste -s -d - -)
  target="$cache/lambda-runtime-$versions-python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
  if [ ! -d "$target" ]; then
    echo "installing Lambda's runtime $versions in $target"
    fresh="$target.new.$$"
    "$uv" pip install --quiet --python "$python" --target "$fresh" --require-hashes -r "$here/lambda-runtime/requirements.txt"
    mv "$fresh" "$target"
  fi
fi

# Debian's own registry server, and its kubectl; unpacked and not installed
candidate() { apt-cache "$@" | sed -n 's/^ *Candidate: \([0-9].*\)/\1/p'; }

for package in docker-registry kubernetes-client; do
  command -v apt-get >/dev/null || break
  set -- -o Acquire::Retries=3
  version=$(candidate policy "$package")
  if [ -z "$version" ]; then
    # this machine has no package lists: fetch them into a folder of our own
    mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
    set -- "$@" -o "Dir::State=$cache/apt" -o "Dir::Cache=$cache/apt"
    apt-get -qq "$@" update || true
    version=$(candidate "$@" policy "$package")
  fi
  target="$cache/$package-$version"
  if [ -n "$version" ] && [ ! -d "$target" ]; then
    echo "unpacking Debian's $package $version in $target"
    fresh="$target.new.$$"
    mkdir -p "$fresh"
    (cd "$fresh" && apt-get -qq "$@" download "$package" && dpkg -x ./*.deb . && rm ./*.deb)
    mv "$fresh" "$target"
  fi
done

# VS Code in a browser, and the packages of its extension
sh "$here/editor.sh"

# the JetBrains plugin: the Kotlin compiler, ktlint, JUnit
sh "$here/../../extensions/jetbrains/checks/install.sh"
