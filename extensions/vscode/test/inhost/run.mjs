// Runs the tests beside the unpacked extension in the extension host of VS Code's own server. What starts it is a page,
// by the hooks @vscode/test-web uses: VS Code's server takes its payload where it is started as a smoke test.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

import { build } from "esbuild";

import { freePort, start, startBrowser, tools, watch } from "../journey/machine.mjs";

const here = join(import.meta.dirname, "../..");
const [folder, extension] = process.argv.slice(2);
const running = [];
const watched = watch(folder);
try {
  const compiled = await compile();
  const silent = await startSilentServer();
  const { workspace, data } = layOut(silent.url);
  const { url, stop } = await startServer(data);
  running.push({ stop });
  const { context, strangers } = await startBrowser(join(folder, "browser"));
  running.push({ stop: () => context.close() });
  const page = context.pages()[0] ?? (await context.newPage());
  assert.equal(await runTests(page, url, workspace, compiled), 0, "a test failed in the extension host");
  assert.deepEqual(silent.asked, [], "a server was asked before anybody signed in");
  assert.deepEqual([...strangers, ...watched.strangers("server")], []);
  // those that watched.test.ts asks, by which it is seen that the watch sees: and the extension asks nobody else
  assert.deepEqual(watched.strangers("extension host").sort(), ["255.255.255.255", "stranger.example"]);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  for (const one of running.reverse()) await one.stop();
}
process.exit();

/** The tests ask for mocha as it is installed, so they are put where it is found. */
async function compile() {
  const outdir = join(here, "dist/inhost");
  const entryPoints = [join(here, "test/inhost/*.ts")];
  await build({ entryPoints, outdir, bundle: true, platform: "node", format: "cjs", external: ["vscode", "mocha"], logLevel: "warning" });
  return join(outdir, "index.js");
}

/** A server that keeps every question and never answers one. */
async function startSilentServer() {
  const asked = [];
  const server = createServer(({ method, url }) => asked.push(`${method} ${url}`));
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  return { asked, url: `http://127.0.0.1:${server.address().port}` };
}

/** The machine's settings name the silent server; the folder's try to send everything elsewhere. */
function layOut(server) {
  const [workspace, data] = [join(folder, "shop"), join(folder, "server")];
  cpSync(join(here, "../sample"), workspace, { recursive: true });
  mkdirSync(join(workspace, ".vscode"));
  const servers = ["platformUrl", "hubUrl", "authorityUrl"];
  const machine = [...servers, "tokenPath", "clientId", "scopes", "caFile"];
  const said = (names, value) => Object.fromEntries(names.map((name) => [`stellaOps.${name}`, value]));
  const attack = { ...said(machine, "attacker"), "stellaOps.pollIntervalSeconds": 60, "files.autoSave": "off" };
  writeFileSync(join(workspace, ".vscode/settings.json"), JSON.stringify(attack));
  mkdirSync(join(data, "data/Machine"), { recursive: true });
  writeFileSync(join(data, "data/Machine/settings.json"), JSON.stringify(said(servers, server)));
  return { workspace, data };
}

async function startServer(data) {
  const port = await freePort();
  const server = join(tools, "node_modules/code-server/lib/vscode/out/server-main.js");
  const address = ["--host", "127.0.0.1", "--port", String(port), "--without-connection-token"];
  const quiet = ["--accept-server-license-terms", "--telemetry-level", "off", "--disable-workspace-trust"];
  const folders = ["--server-data-dir", data, "--extensions-dir", join(folder, "extensions")];
  const args = [server, ...address, ...quiet, ...folders, "--enable-smoke-test-driver"];
  const env = { ...process.env, ...watched.env, HOME: join(folder, "home"), EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
  const { stop } = await start(join(tools, "node/bin/node"), args, { env, until: /Extension host agent listening/ });
  return { stop, url: `http://127.0.0.1:${port}` };
}

/** Open the page that starts the tests; return what they end with. */
async function runTests(page, url, workspace, compiled) {
  const remote = (path) => `vscode-remote://${new URL(url).host}${path}`;
  const payload = JSON.stringify([["extensionDevelopmentPath", remote(extension)], ["extensionTestsPath", remote(compiled)]]);
  const ended = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the tests did not end")), 120_000).unref();
    void page.exposeFunction("codeAutomationExit", resolve);
  });
  await page.exposeFunction("codeAutomationLog", (type, args) => {
    if (!/^\[|^Ignoring fetching/.test(String(args[0]))) console.log(...args);
  });
  await page.goto(`${url}/?folder=${encodeURIComponent(workspace)}&payload=${encodeURIComponent(payload)}`);
  return ended;
}
