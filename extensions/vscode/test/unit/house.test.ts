/** The house: what may import what, what is generated, and that no sentence escapes translation. */

import { readFileSync } from "node:fs";

import ts from "typescript";
import { expect, it } from "vitest";

import { bundle, sources } from "../../scripts/strings.mjs";
import { types } from "../../scripts/types.mjs";
import { addressOf } from "../../src/core/addresses";
import { completeAt, hoverAt } from "../../src/core/stellaYaml/cursor";

const files = [...sources()] as { name: string; text: string; source: ts.SourceFile }[];

it("the core knows nothing of VS Code, nor of the host", () => {
  const core = files.filter(({ name }) => name.startsWith("core/"));
  expect(core.length).toBeGreaterThan(20);
  const reaching = core.filter(({ text }) => /from "vscode"|require\("vscode"\)|from "[./]*\/host/.test(text));
  expect(reaching.map(({ name }) => name)).toEqual([]);
});

it("each file is short enough to be read at once", () => {
  expect(files.filter(({ text }) => text.split("\n").length > 300).map(({ name }) => name)).toEqual([]);
});

it("the types are those of the servers' documents", async () => {
  for (const [name, text] of Object.entries(await types())) {
    expect(readFileSync(`src/core/api/${name}.d.ts`, "utf8"), `stale: npm run types`).toBe(text);
  }
}, 30_000);

it("the translator's file has every text", () => {
  expect(readFileSync("l10n/bundle.l10n.json", "utf8"), "stale: npm run strings").toBe(bundle());
});

it("no sentence is shown that is not translated", () => {
  const escaped: string[] = [];
  const look = (node: ts.Node, name: string): void => {
    const spoken = ts.isCallExpression(node) && ["say", "Error"].includes(node.expression.getText());
    if (spoken) return;
    if (ts.isStringLiteralLike(node) && /^[A-Z][a-z]+( [a-z]+|[.…!?])/.test(node.text)) escaped.push(`${name}: ${node.text}`);
    ts.forEachChild(node, (child) => look(child, name));
  };
  for (const { name, source } of files) look(source, name);
  expect(escaped).toEqual([]);
});

it("nothing is measured about the person", () => {
  expect(files.filter(({ text }) => /telemetry/i.test(text)).map(({ name }) => name)).toEqual([]);
});

it.each([
  ["https://stella.example/", { url: "https://stella.example" }],
  ["http://127.0.0.1:8710", { url: "http://127.0.0.1:8710" }],
  ["http://[::1]:8710", { url: "http://[::1]:8710" }],
  ["  ", { url: undefined }],
])("an address: %j", (text, address) => expect(addressOf(text)).toEqual(address));

it.each(["http://stella.example", "http://127.0.0.1.evil.example", "ftp://x", "stella", "https://u:p@x", "https://x?y", "javascript:alert(1)"])(
  "no address, and nothing is sent there: %j",
  (text) => expect(addressOf(text)).toHaveProperty("refused"),
);

const KNOWN = { releases: ["checkout"], environments: ["dev", "prod"], integrations: ["harbor: old"] };

it.each([
  ["|", ["apiVersion", "release", "components", "source", "environments", "promotion"]],
  ["release: checkout\nso|", ["apiVersion", "components", "source", "environments", "promotion"]],
  ["components:\n  - name: api\n    |", ["image", "digest", "registry"]],
  ["release: che|", ["checkout"]],
  ["environments: [dev, |]", ["dev", "prod"]],
  ["environments:\n  - |", ["dev", "prod"]],
  ["promotion:\n  to: p|", ["dev", "prod"]],
  ["source: |", ["harbor: old"]],
  ["apiVersion: |", ["stella-ops/v1"]],
  ["owner: |", []],
])("completion in %j", (marked, labels) => {
  const offset = marked.indexOf("|");
  const { items } = completeAt(marked.replace("|", ""), offset, KNOWN);
  expect(items.map(({ label }) => label)).toEqual(labels);
});

it("a name that has to be quoted is completed quoted", () => {
  expect(completeAt("source: ", 8, KNOWN).items[0]?.insert).toBe('"harbor: old"');
});

it("hover tells of keys and of names", () => {
  const text = "release: checkout\npromotion:\n  to: prod\nowner: me\n";
  expect(hoverAt(text, 2)?.schema.title).toBe("Release");
  expect(hoverAt(text, text.indexOf("prod") + 1)).toMatchObject({ schema: { title: "To" }, named: { kind: "environment", name: "prod" } });
  expect(hoverAt(text, text.indexOf("owner"))).toBeUndefined();
});
