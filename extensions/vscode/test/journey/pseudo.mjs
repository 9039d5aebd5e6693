// The extension in a language nobody speaks: every letter it shows has an accent, but for what the servers call things.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { LOCALE, pseudo } from "../../scripts/pseudo.mjs";
import { consent, Editor } from "./editor.mjs";
import { freePort, startBrowser, startEditor, startServers } from "./machine.mjs";

const [folder, vsix, shots] = process.argv.slice(2);
mkdirSync(shots, { recursive: true });
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.json"), "utf8"));
const words = JSON.parse(readFileSync(join(import.meta.dirname, "../../package.nls.json"), "utf8"));
// what the servers of `make ide-demo` and the person who wrote stella.yaml call things: nobody translates that
const NAMES =
  "checkout payments dev stage prod Development Staging Production Disaster recovery " +
  "harbor harbor-slow harbor-wrong-secret rehearsal-flapping in-memory";
const running = [];
let editor;
try {
  const servers = await startServers(join(folder, "hub"), await freePort(), await freePort());
  running.push(servers);
  const code = await startEditor(folder, vsix, servers.settings);
  running.push(code);
  const { context } = await startBrowser(join(folder, "browser"));
  running.push({ stop: () => context.close() });
  // no language pack is installed: the editor speaks English, and asks extensions for the other language
  await context.addInitScript((language) => {
    Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { get: () => language, set: () => undefined });
  }, LOCALE);
  editor = new Editor(context.pages()[0] ?? (await context.newPage()), shots);
  await editor.open(code.url);
  await signedOut();
  await signIn(context);
  await views();
  await stellaYaml();
  await palette();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  await editor?.page.screenshot({ path: join(shots, "failed.png") }).catch(() => undefined);
} finally {
  for (const one of running.reverse()) await one.stop();
}
process.exit();

/** Fail where a word has no accent, names aside. */
function translated(where, texts, names = NAMES) {
  const known = new Set(names.split(" "));
  const plain = (text) => (text.match(/[\p{L}-]+/gu) ?? []).filter((word) => /[A-Za-z]{2}/.test(word) && !known.has(word));
  assert.ok(texts.length > 0, `${where}: nothing is shown`);
  assert.ok(texts.some((text) => /[^\p{ASCII}]/u.test(text)), `${where}: ${JSON.stringify(texts)}`);
  assert.deepEqual(texts.filter((text) => plain(text).length > 0), [], where);
  console.log(`${where}: ${texts.length} texts`);
}

async function signedOut() {
  await editor.container(pseudo("Stella Ops"));
  await editor.says(pseudo("sign in"));
  await editor.view(pseudo("Releases")).getByText(pseudo("Sign in to see releases")).waitFor();
  const views = editor.page.locator(".sidebar .pane");
  translated("views signed out", await views.allInnerTexts());
  translated("status bar", [await editor.status.innerText()]);
  await editor.shot("01-signed-out");
}

async function signIn(context) {
  await editor.status.click();
  await editor.press("Allow");
  await consent(context, "alice", () => editor.choose(pseudo("In the browser")), pseudo("You are signed in"));
  await editor.says("demo");
}

async function views() {
  await editor.row(pseudo("Integrations"), "harbor").waitFor();
  await editor.row(pseudo("Environments"), "Production").waitFor();
  await editor.row(pseudo("Deployments"), pseudo("Failed")).waitFor();
  for (const title of ["Releases", "Environments", "Deployments", "Integrations"]) {
    translated(title, await editor.rows(pseudo(title)));
  }
  await editor.shot("02-views");
}

async function stellaYaml() {
  await editor.file("stella.yaml");
  await editor.lens("prod: checkout").waitFor();
  translated("annotations", await editor.page.locator(".codelens-decoration a").allInnerTexts());
  await editor.page.locator(".view-line span", { hasText: "approvals" }).first().click();
  await editor.page.keyboard.press("Control+End");
  await editor.page.keyboard.type("relase: checkout");
  await editor.page.locator(".squiggly-error").first().waitFor();
  await editor.palette("Problems: Focus on Problems View");
  const message = editor.page.locator(".markers-panel .marker-message");
  await message.first().waitFor();
  translated("findings", await message.allInnerTexts(), `${NAMES} relase`);
  await editor.shot("03-findings");
}

async function palette() {
  await editor.page.keyboard.press("F1");
  await editor.page.keyboard.type(pseudo("Stella Ops"));
  const rows = editor.page.locator(".quick-input-list .monaco-list-row");
  await rows.filter({ hasText: pseudo("Promote release") }).waitFor();
  // below a command's name VS Code writes the one of package.json, and of its own commands it says "Focus on … View"
  const names = rows.locator(".quick-input-list-rows > :first-child .label-name");
  translated("commands", await names.allInnerTexts(), "Focus on View");
  await editor.shot("04-commands");
}
