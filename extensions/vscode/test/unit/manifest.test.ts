/** package.json offers what parity.json lists: nothing missing, nothing more. */

import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import parity from "../../../parity.json";
import words from "../../package.nls.json";
import manifest from "../../package.json";
import { integrationNodes } from "../../src/core/present/integrations";
import { contextOf, pageOf, type Node } from "../../src/core/present/node";
import { deploymentNodes, environmentNodes, releaseNodes } from "../../src/core/present/releases";
import { sources } from "../../scripts/strings.mjs";

interface Entry {
  command: string;
  when: string;
  group?: string;
}

const { contributes } = manifest;
const menus = contributes.menus as Record<string, Entry[]>;
const said = (key: string): string | undefined => (words as Record<string, string>)[key.replaceAll("%", "")];
const of = (menu: string, command: string): Entry[] => (menus[menu] ?? []).filter((entry) => entry.command === command);

describe("views", () => {
  it("are those", () => {
    const views = contributes.views.stellaOps.map(({ id, name }) => ({ id, title: said(name) }));
    expect(views).toEqual(parity.views.map(({ id, title }) => ({ id, title })));
    expect(contributes.viewsContainers.activitybar.map(({ id, title }) => ({ id, title: said(title) }))).toEqual([parity.container]);
  });

  const stated = parity.states.filter(({ id }) => !id.startsWith("offline"));
  it.each(stated)("say why they are empty: $id", ({ id, text, offers }) => {
    for (const view of parity.views) {
      const when = `stellaOps.state.${view.id.split(".")[1] ?? ""} == ${id}`;
      const [welcome] = contributes.viewsWelcome.filter((one) => one.view === view.id && one.when === when);
      const [first, ...links] = (said(welcome?.contents ?? "") ?? "").split("\n");
      expect(first).toBe(text);
      expect(links).toEqual(offers.map((command) => `[${said(command) ?? ""}](command:${command})`));
    }
  });
});

describe("commands", () => {
  it("are those", () => {
    const commands = contributes.commands.map(({ command, title }) => ({ id: command, title: said(title) }));
    expect(commands).toEqual(parity.commands.map(({ id, title }) => ({ id, title })));
  });

  it("are each registered", () => {
    const registered = readFileSync("src/host/commands/register.ts", "utf8");
    for (const { id } of parity.commands) expect(registered).toContain(`    ${id.replace("stellaOps.", "")}: (`);
  });

  it.each(parity.commands)("stand where they belong: $id", (command) => {
    const { id, where } = command;
    const scope = "scope" in command && command.scope ? `stellaOps.may.${command.scope.replace(":", ".")}` : "";
    const palette = of("commandPalette", id).map(({ when }) => when);
    expect(palette.includes("false")).toBe(!where.includes("palette"));
    if ("signedIn" in command && where.includes("palette")) {
      expect(palette.join()).toContain(command.signedIn ? "stellaOps.signedIn" : "!stellaOps.signedIn");
    }
    expect(of("view/title", id).length > 0).toBe(where.includes("title"));
    const items = of("view/item/context", id);
    const inline = items.filter(({ group }) => group === "inline");
    expect(inline.length > 0).toBe(where.includes("inline"));
    const kinds = "kinds" in command ? command.kinds : [];
    expect(items.length - inline.length).toBe(where.includes("item") ? kinds.length : 0);
    for (const kind of kinds) expect(items.some(({ when }) => when.includes(kind))).toBe(true);
    for (const { when } of scope ? [...items, ...of("commandPalette", id)] : []) expect(when).toContain(scope);
  });
});

describe("a row's menu", () => {
  const node = (kind: string, state: string, webUrl?: string): Node =>
    ({ kind, context: state === "" ? kind : `${kind}.${state}`, ...pageOf({ webUrl }) }) as Node;
  /** The commands whose condition on the row holds. */
  const offered = (row: Node): string[] => {
    const patterns = (menus["view/item/context"] ?? []).map(({ command, when }) => [command, /viewItem =~ \/(.+?)\/(?: |$)/.exec(when)?.[1]] as const);
    const fitting = patterns.filter(([, pattern]) => pattern !== undefined && new RegExp(pattern).test(contextOf(row)));
    return [...new Set(fitting.map(([command]) => command.replace("stellaOps.", "")))].sort();
  };

  it.each([
    ["release", "", ["showReleaseDetails"]],
    ["release", "promotable", ["promoteRelease", "showReleaseDetails"]],
    ["environment", "", ["promoteRelease"]],
    ["promotion", "", []],
    ["promotion", "decidable", ["approvePromotion", "rejectPromotion"]],
    ["deployment", "", ["showReleaseDetails"]],
    ["integration", "", ["checkIntegration", "showHealthHistory"]],
  ])("of a %s %s offers a browser only where the server says where the page is", (kind, state, commands) => {
    expect(offered(node(kind, state))).toEqual(commands);
    const page = "https://stella.example/x";
    expect(offered(node(kind, state, page))).toEqual([...commands, "openInBrowser"].sort());
  });

  it.each([
    "javascript:alert(1)",
    "file:///etc/passwd",
    "http://stella.example/x",
    "https://stella.example:word@elsewhere.example/x",
    "https://alice@stella.example/x",
    "command:stellaOps.signOut",
    "nowhere",
  ])("sends no browser to %s", (address) => expect(pageOf({ webUrl: address })).toEqual({}));

  it("sends it to the address of each kind of thing, a page of a small platform on this computer included", () => {
    const webUrl = "http://127.0.0.1:8710/x";
    const one = { id: "1", name: "a", type: "t", status: "deployed", webUrl };
    const contents = { releases: { items: [one] }, environments: { items: [one] }, promotions: { items: [one, { ...one, status: "pending", targetEnvironmentId: "1" }] }, integrations: { items: [one] } };
    const [environment] = environmentNodes(contents, 0);
    const rows = [...releaseNodes(contents, 0), environment, ...(environment?.children as Node[]), ...deploymentNodes(contents, 0), ...integrationNodes({ contents, checks: new Map() }, 0)];
    expect(rows.map((row) => [row?.kind, row?.page])).toEqual(["release", "environment", "promotion", "deployment", "integration"].map((kind) => [kind, webUrl]));
  });
});

it("settings are those, and none that says where a token goes is a workspace's", () => {
  const properties = contributes.configuration.properties as Record<string, Record<string, unknown>>;
  expect(Object.keys(properties)).toEqual(parity.settings.map(({ id }) => id));
  for (const one of parity.settings) {
    const { default: value, scope, minimum, maximum } = properties[one.id] ?? {};
    expect(value).toEqual(typeof one.default === "object" ? one.default.vscode : one.default);
    expect(scope).toBe(one.machine ? "machine" : "window");
    expect([minimum, maximum]).toEqual(["minimum" in one ? one.minimum : undefined, "maximum" in one ? one.maximum : undefined]);
  }
  const machine = parity.settings.filter(({ machine: own }) => own).map(({ id }) => id);
  expect(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations).toEqual(machine);
});

it("every text is translated, and no translation is left over", () => {
  const used = new Set([...JSON.stringify(manifest).matchAll(/"%([\w.]+)%"/g)].map(([, key]) => key));
  expect([...used].sort()).toEqual(Object.keys(words).sort());
});

it("every icon is one of VS Code's: one that is not shows nothing", () => {
  const css = readFileSync("node_modules/@vscode/codicons/dist/codicon.css", "utf8");
  const known = new Set([...css.matchAll(/\.codicon-([a-z-]+):before/g)].map(([, name]) => name));
  const all = [...sources()];
  const tables = all.filter(({ name }) => ["core/present/node.ts", "host/statusBar.ts"].includes(name)).map(({ text }) => text);
  const text = all.map((one) => one.text).join("\n") + JSON.stringify(manifest);
  const named = [...text.matchAll(/\$\(([a-z-]+)(?:~spin)?\)|icon: "([a-z-]+)"/g)];
  const listed = [...tables.join("\n").matchAll(/^ {2}\w+: "([a-z-]+?)(?:~spin)?",$/gm)].map(([, name]) => name);
  const icons = [...named.map(([, inText, field]) => inText ?? field), ...listed];
  expect(icons.length).toBeGreaterThan(15);
  expect(icons.filter((icon) => !known.has(icon))).toEqual([]);
});
