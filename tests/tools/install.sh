#!/bin/sh
# Install the tools the tests use beside Python, once per version, outside the checkout. Without npm nothing is
# installed: the tests that need it say so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/integrations-hub"
version=$(sed -n 's/.*"@redocly\/cli": "\([0-9.]*\)".*/\1/p' "$here/redocly/package.json")
target="$cache/redocly-$version"
if [ ! -x "$target/node_modules/.bin/redocly" ] && command -v npm >/dev/null; then
  echo "installing the OpenAPI linter (redocly $version) in $target"
  fresh="$target.new.$$"
  mkdir -p "$fresh"
  cp "$here/redocly/package.json" "$here/redocly/package-lock.json" "$here/redocly/.npmrc" "$fresh"
  (cd "$fresh" && npm ci --silent)
  rm -rf "$target"
  mv "$fresh" "$target"
fi
