#!/bin/sh
# Install what checks/check.sh needs, once per version, in your cache folder: Kotlin's compiler and ktlint by npm, JUnit and
# snakeyaml from Debian, unpacked and not installed. What cannot be had here is left out: the test that needs it says so.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/integrations-hub"
target="$cache/jetbrains-$(cksum < "$here/tools/package-lock.json" | cut -d ' ' -f 1)"
[ "${1:-}" != --where ] || { echo "$target"; exit 0; }
[ ! -d "$target" ] || exit 0
command -v npm >/dev/null && command -v apt-get >/dev/null && command -v dpkg >/dev/null || exit 0
echo "installing Kotlin's compiler, ktlint, JUnit and snakeyaml in $target"
fresh="$target.new.$$"
mkdir -p "$fresh/deb"
cp "$here/tools/package.json" "$here/tools/package-lock.json" "$here/tools/.npmrc" "$fresh"
(cd "$fresh" && npm ci --silent)
set --
if ! apt-cache policy junit5 | grep -q 'Candidate: [0-9]'; then
  mkdir -p "$cache/apt/lists/partial" "$cache/apt/archives/partial"
  set -- -o "Dir::State=$cache/apt" -o "Dir::Cache=$cache/apt"
  apt-get -qq "$@" update || true
fi
(
  cd "$fresh/deb"
  apt-get -qq "$@" download junit5 libopentest4j-java libapiguardian-java libpicocli-java \
    libunivocity-parsers-java libyaml-snake-java
  for package in ./*.deb; do dpkg -x "$package" .; done
  rm ./*.deb
)
mv "$fresh" "$target"
