// A person's day with the extension, in a real VS Code: signs in, looks, promotes, approves, meets an outage, signs out.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { consent, Editor } from "./editor.mjs";
import { freePort, startBrowser, startEditor, startServers } from "./machine.mjs";

const [folder, vsix, shots] = process.argv.slice(2);
const began = Date.now();
const seen = (what) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${what}`);
mkdirSync(shots, { recursive: true });

const running = [];
const keep = (one) => (running.push(one), one);
let editor;
try {
  const [port, platformPort] = [await freePort(), await freePort()];
  let servers = keep(await startServers(join(folder, "hub"), port, platformPort));
  seen("servers are up");
  const code = keep(await startEditor(folder, vsix, servers.settings));
  const { context, strangers } = await startBrowser(join(folder, "browser"));
  running.push({ stop: () => context.close() });
  editor = new Editor(context.pages()[0] ?? (await context.newPage()), shots);
  await editor.open(code.url);
  seen("VS Code is up");

  await signedOut();
  await walkthrough();
  await signIn("alice");
  await trees();
  await stellaYaml();
  await promote();
  await approveAsBob();
  await unhealthy();
  await details();
  servers = await outage(servers, () => startServers(join(folder, "hub"), port, platformPort));
  await reload(code.url);
  nothingInClear([code.data, join(folder, "browser"), join(folder, "home")]);
  seen("no token lies on disk");
  await signOut();
  assert.ok(code.watched.asked("extension host").has("127.0.0.1"), "the extension host was not watched");
  assert.deepEqual([...strangers, ...code.watched.strangers("extension host"), ...code.watched.strangers("server")], []);
  seen("nothing was asked off this machine, by the browser, by VS Code's server or by its extension host");
} catch (error) {
  console.error(error);
  process.exitCode = 1;
  await editor?.page.screenshot({ path: join(shots, "failed.png") }).catch(() => undefined);
} finally {
  for (const one of running.reverse()) await one.stop();
}
process.exit();

async function signedOut() {
  await editor.container();
  await editor.says("sign in");
  for (const title of ["Releases", "Environments", "Deployments", "Integrations"]) {
    await editor.view(title).getByText("Sign in to see releases").waitFor();
  }
  await editor.shot("01-signed-out");
  seen("signed out: each view says so");
}

async function walkthrough() {
  await editor.palette("Welcome: Open Walkthrough");
  await editor.choose("Get started with Stella Ops");
  const steps = editor.page.locator(".gettingStartedContainer .step-title");
  await steps.first().waitFor();
  assert.deepEqual(await steps.allInnerTexts(), ["Say where your servers are", "Sign in", "See what is where", "Open stella.yaml"]);
  await editor.shot("12-walkthrough");
  await editor.palette("View: Close All Editors");
  seen("the walkthrough has its four steps");
}

/** Sign in with a code, on the page that VS Code opens: in the browser it goes through the editor's own port. */
async function signInByCode(person) {
  await editor.status.click();
  await editor.press("Allow");
  await editor.choose("With a code");
  await editor.page.locator(".monaco-dialog-box", { hasText: "Your code is" }).waitFor();
  await editor.shot("13-code");
  const [code] = /[A-Z]{4}-[A-Z]{4}/.exec(await editor.page.locator(".monaco-dialog-box").innerText()) ?? [];
  assert.ok(code, "no code is shown");
  const open = () => editor.press("Copy code and open page");
  const shot = await consent(context_(), person, open, "Stella Ops for VS Code is signed in", code);
  writeFileSync(join(shots, "14-code-consent.png"), shot);
  await editor.says("demo");
  await editor.row("Releases", "checkout 2.4.1").waitFor();
  await editor.leave();
  seen(`signed in as ${person}, by a code`);
}

async function signIn(person) {
  await editor.status.click();
  await editor.press("Allow");
  const shot = await consent(context_(), person, () => editor.choose("In the browser"));
  writeFileSync(join(shots, "02-consent.png"), shot);
  await editor.says("demo");
  await editor.row("Releases", "checkout 2.4.1").waitFor();
  await editor.leave();
  seen(`signed in as ${person}, by consent and loopback`);
}

function context_() {
  return editor.page.context();
}

async function trees() {
  await editor.row("Integrations", "harbor").waitFor();
  await editor.row("Environments", "Production").waitFor();
  await editor.row("Deployments", "Failed").waitFor();
  for (const title of ["Releases", "Environments", "Deployments", "Integrations"]) {
    const rows = await editor.rows(title);
    assert.ok(rows.length > 0 && rows.every((label) => label?.includes(",")), `${title}: ${JSON.stringify(rows)}`);
  }
  await editor.clear();
  await editor.shot("03-views");
  seen("four views, every row with its accessible name");
}

async function stellaYaml() {
  await editor.file("stella.yaml");
  await editor.lens("prod: checkout").waitFor();
  await editor.lens("Check now").waitFor();
  await editor.shot("04-stella-yaml");
  const word = editor.page.locator(".view-line span", { hasText: "rehearsal-flapping" }).last();
  await word.dblclick();
  await editor.page.keyboard.press("Home");
  await editor.page.keyboard.press("Shift+End");
  await editor.page.keyboard.type("source: rehearsal-flaping");
  await editor.page.locator(".squiggly-error").first().waitFor();
  await editor.page.keyboard.press("Control+.");
  await editor.page.getByText("Change to “rehearsal-flapping”").waitFor();
  await editor.shot("05-quick-fix");
  await editor.page.keyboard.press("Enter");
  await editor.page.locator(".view-line", { hasText: "rehearsal-flapping" }).waitFor();
  await editor.page.locator(".squiggly-error").waitFor({ state: "detached" });
  await editor.page.locator(".view-line span", { hasText: "harbor-slow" }).last().hover();
  await editor.page.locator(".monaco-hover", { hasText: "The integration that holds the image" }).first().waitFor();
  await editor.page.screenshot({ path: join(shots, "06-hover.png") });
  seen("annotations, a diagnostic and its quick fix, hover");
}

async function promote() {
  await editor.pressLens("Promote…");
  await editor.choose("checkout 2.4.0");
  await editor.answer("Promote release", "To see it on dev");
  const refused = await editor.told("checkout");
  seen(`promote from an annotation: ${refused.split("\n")[0]}`);
  await editor.clear();
  await editor.palette("Stella Ops: Promote release");
  await editor.choose("payments 1.9.0");
  await editor.choose("Staging");
  await editor.answer("Promote release", "Once more");
  await editor.told("payments 1.9.0 → stage");
  await editor.says("2 waiting");
  await editor.row("Environments", "Staging").locator(".monaco-tl-twistie").click();
  await editor.row("Environments", "payments 1.9.0").waitFor();
  await editor.shot("07-promoted");
  await editor.clear();
  seen("promoted from the palette");
}

async function approveAsBob() {
  await editor.palette("Stella Ops: Sign out");
  await editor.says("sign in");
  await signInByCode("bob");
  await editor.row("Environments", "Awaiting approval").waitFor();
  await editor.palette("Stella Ops: Approve promotion");
  await editor.choose("checkout 2.4.1");
  await editor.answer("Approve promotion", "Seen on stage");
  await editor.page.locator(".monaco-dialog-box").waitFor();
  await editor.shot("08-confirm");
  await editor.press("Approve");
  await editor.told("checkout 2.4.1 → prod");
  await editor.row("Environments", /Production.*checkout 2\.4\.1/).waitFor();
  await editor.clear();
  seen("approved as bob, after a confirmation, and seen deployed");
}

async function unhealthy() {
  const row = editor.row("Integrations", "harbor-w");
  await row.hover();
  await row.getByRole("button", { name: "Check integration now" }).click();
  const text = await editor.told("Unhealthy –");
  assert.match(text, /Unhealthy – .{10,}/);
  await row.click();
  await editor.row("Integrations", "Failed").waitFor();
  await editor.shot("09-unhealthy");
  seen(`checked an unhealthy integration: ${text.split("\n")[0]}`);
  await editor.clear();
}

/** Return the page that an action opens; a menu of a busy editor may close without having taken the press. */
async function pageBy(action) {
  for (let tries = 0; tries < 3; tries += 1) {
    const coming = context_().waitForEvent("page", { timeout: 15_000 }).catch(() => undefined);
    await action();
    const opened = await coming;
    if (opened) return opened;
  }
  throw new Error("no page was opened, three times");
}

async function details() {
  await editor.menu(editor.row("Releases", "checkout 2.4.1"), "Show release details");
  const release = await editor.rendered("checkout 2.4.1");
  assert.match(await release.innerText(), /Components[^]*registry\.example\.com\/checkout\/api[^]*sha256:[0-9a-f]{12}…[^]*harbor/);
  await editor.shot("15-release-details");
  const opened = await pageBy(() => editor.menu(editor.row("Releases", "checkout 2.4.1"), "Open in browser"));
  await opened.getByRole("heading", { name: "Release rel-checkout-2.4.1" }).waitFor();
  await opened.close();
  await editor.menu(editor.row("Integrations", "harbor-w"), "Show health history");
  const health = await editor.rendered("harbor-wrong-secret");
  assert.match(await health.innerText(), /Unhealthy[^]*What to do: Check that[^]*Latest check[^]*authenticate[^]*Over time[^]*Health history/);
  await editor.shot("16-health-history");
  await editor.palette("View: Close Editor"); // one: the second page took the first one's place
  seen("the details of a release and of an integration");
}

async function outage(servers, again) {
  await servers.stop();
  running.splice(running.indexOf(servers), 1);
  await editor.says("offline");
  for (const title of ["Releases", "Environments", "Deployments", "Integrations"]) {
    await editor.view(title).getByText(/This is from .*(ago|now)/).waitFor();
    assert.ok((await editor.rows(title)).length > 0);
  }
  await editor.lens("as of").waitFor();
  await editor.shot("10-offline");
  seen("servers are gone: the last state stands, with its age");
  await editor.palette("Stella Ops: Check integration now");
  await editor.choose("harbor");
  await editor.told("ECONNREFUSED");
  await editor.clear();
  const back = keep(await again());
  await editor.palette("Stella Ops: Refresh");
  await editor.page.waitForFunction(() => !document.body.innerText.includes("This is from"));
  await editor.says("demo");
  seen("servers are back: recovered");
  return back;
}

async function reload(url) {
  await editor.open(url);
  await editor.says("demo");
  await editor.status.click();
  await editor.row("Releases", "checkout 2.4.1").waitFor();
  seen("reloaded: still signed in");
}

async function signOut() {
  await editor.palette("Stella Ops: Sign out");
  await editor.says("sign in");
  await editor.view("Releases").getByText("Sign in to see releases").waitFor();
  await editor.shot("11-signed-out-again");
  seen("signed out");
}

/** Read every file, in both ways a browser writes text: none holds a token, nor the name of a sign-in's family. */
function nothingInClear(folders) {
  const families = Object.keys(JSON.parse(readFileSync(join(folder, "hub/authority/sign-ins.json"), "utf8")));
  const wide = (text) => Buffer.from(text, "utf16le").toString("latin1");
  const secrets = families.flatMap((family) => [family, wide(family)]);
  const read = folders.flatMap(filesIn).map((path) => [path, readFileSync(path).toString("latin1")]);
  const token = /eyJ[\w-]{10,}\.eyJ[\w-]{10,}|e\0y\0J\0([\w-]\0){10,}\.\0e\0y\0J\0/;
  const found = read.filter(([, text]) => token.test(text) || secrets.some((one) => text.includes(one)));
  assert.ok(families.length > 0, "the Authority knows of no sign-in");
  assert.ok(read.some(([, text]) => text.includes("stellaOps")), "the profile is elsewhere");
  assert.deepEqual(found.map(([path]) => path), []);
}

function filesIn(top) {
  const paths = readdirSync(top, { recursive: true }).map((name) => join(top, String(name)));
  return paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
}
