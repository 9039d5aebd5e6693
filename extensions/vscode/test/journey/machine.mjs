// What the journey stands on: the servers of `make ide-demo`, VS Code's server, and a browser. All on 127.0.0.1.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../../..");
export const tools = process.env.EDITOR_TOOLS;
const { chromium } = createRequire(join(tools, "package.json"))("playwright-core");

export async function freePort() {
  const server = createServer();
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

/** Start a program; `until` is what it says once it is ready. Its output is in `said`. */
export async function start(command, args, { until, ...options }) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], detached: true, ...options });
  const program = { said: "", ended: false, stop: () => stopped(child) };
  const ready = new Promise((resolve, reject) => {
    const take = (part) => {
      program.said += part;
      if (until.test(program.said)) resolve();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}: ${program.said.slice(-2000)}`)));
    setTimeout(() => reject(new Error(`${command} is not ready: ${program.said.slice(-2000)}`)), 90_000).unref();
  });
  ready.catch(() => undefined);
  try {
    await ready;
  } catch (error) {
    await program.stop();
    throw error;
  }
  return program;
}

function stopped(child) {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const patience = setTimeout(() => process.kill(-child.pid, "SIGKILL"), 10_000);
    child.once("exit", () => (clearTimeout(patience), resolve()));
    process.kill(-child.pid, "SIGTERM");
  });
}

/** Return what has a Node process write down whom it asks, and `strangers`: those that are not this machine, by process. */
export function watch(folder) {
  const file = join(folder, "asked.jsonl");
  writeFileSync(file, "");
  const asked = (by) => new Set(readFileSync(file, "utf8").split("\n").filter(Boolean).map(JSON.parse).filter((one) => one.by === by).map(({ whom }) => whom));
  const env = { NODE_OPTIONS: `--require ${join(import.meta.dirname, "watch.cjs")}`, WATCHED_TO: file };
  return { env, asked, strangers: (by) => [...asked(by)].filter((whom) => !HERE.includes(whom)) };
}

// what a page of rendered Markdown asks under this name VS Code's own service worker answers, in the browser
const WEBVIEW = ".vscode-resource.vscode-cdn.net";
const HERE = ["127.0.0.1", "::1", "localhost", "0.0.0.0"];

/** Start hub, Authority and platform; started again on the same folder and ports, they are the same. */
export async function startServers(folder, port, platformPort) {
  const args = ["-m", "devserver.ide_demo", "--data-dir", folder, "--port", port, "--platform-port", platformPort];
  const env = { ...process.env, PYTHONPATH: "infra:extensions" };
  const options = { cwd: root, env, until: /Then sign in, for the tenant/ };
  const servers = await start(process.env.PYTHON, args.map(String), options);
  const told = [...servers.said.matchAll(/^(stellaOps\.\w+Url)\s+(\S+)$/gm)].map(([, name, url]) => [name, url]);
  return { ...servers, stop: servers.stop, settings: Object.fromEntries(told) };
}

const QUIET = {
  "workbench.startupEditor": "none",
  "telemetry.telemetryLevel": "off",
  "update.mode": "none",
  "extensions.autoUpdate": false,
  "chat.disableAIFeatures": true,
  "window.commandCenter": false,
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Dark Modern",
  "files.autoSave": "off",
};

/** Start VS Code's server with the packaged extension, and a folder with a stella.yaml. */
export async function startEditor(folder, vsix, settings) {
  const [data, extensions, workspace] = ["data", "extensions", "shop"].map((name) => join(folder, name));
  for (const one of [join(data, "User"), join(data, "Machine"), extensions, join(folder, "home")]) mkdirSync(one, { recursive: true });
  cpSync(join(root, "extensions/sample"), workspace, { recursive: true });
  writeFileSync(join(data, "User/settings.json"), JSON.stringify({ ...QUIET, "stellaOps.pollIntervalSeconds": 5 }));
  // settings of machine scope are those of the machine the server runs on
  writeFileSync(join(data, "Machine/settings.json"), JSON.stringify(settings));
  const home = join(folder, "home");
  const watched = watch(folder);
  const env = {
    ...process.env,
    ...watched.env,
    HOME: home,
    XDG_CONFIG_HOME: home,
    XDG_DATA_HOME: home,
    XDG_CACHE_HOME: home,
    // no gallery: nothing is asked for off this machine
    EXTENSIONS_GALLERY: '{"serviceUrl":""}',
  };
  const node = join(tools, "node/bin/node");
  const server = join(tools, "node_modules/code-server/out/node/entry.js");
  const common = ["--user-data-dir", data, "--extensions-dir", extensions];
  await (await start(node, [server, ...common, "--install-extension", vsix], { env, until: /successfully installed/ })).stop();
  const port = await freePort();
  const quiet = ["--disable-telemetry", "--disable-update-check", "--disable-workspace-trust", "--disable-getting-started-override"];
  const address = ["--config", join(folder, "config.yaml"), "--bind-addr", `127.0.0.1:${port}`, "--auth", "none"];
  const running = await start(node, [server, ...address, ...common, ...quiet, "--ignore-last-opened"], { env, until: /HTTP server listening/ });
  return { stop: running.stop, data, watched, url: `http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}` };
}

/** Start a browser with a profile of its own; `strangers` are the hosts it asked beside this machine. */
export async function startBrowser(profile) {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", // whatever is asked, nothing leaves
    ],
  });
  const strangers = new Set();
  context.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    if (/^(http|ws)s?:$/.test(protocol) && !HERE.includes(hostname) && !hostname.endsWith(WEBVIEW)) strangers.add(hostname);
  });
  return { context, strangers };
}
