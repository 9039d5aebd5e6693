// Collects every text that is translated: l10n/bundle.l10n.json is what a translator begins with.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import ts from "typescript";

const here = new URL("..", import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, here), "utf8"));

/** Return every text, sorted: those in the source, and those of the tables both extensions share. */
export function strings() {
  const found = new Set();
  for (const { source } of sources()) visit(source, (call) => found.add(call.arguments[0].text));
  const { findings, types, fixes } = json("../api/findings.json");
  for (const { message } of [...findings, ...Object.values(types)]) found.add(message);
  for (const { title } of Object.values(fixes)) found.add(title);
  const statuses = json("../api/vectors/statuses.json");
  for (const { label } of [...statuses.promotion, ...statuses.release, ...statuses.health]) found.add(label);
  describe(json("../api/stella.schema.json"), found);
  return [...found].sort();
}

/** Yield the source files as trees. */
export function* sources() {
  for (const name of readdirSync(new URL("src", here), { recursive: true })) {
    if (!name.endsWith(".ts") || name.endsWith(".d.ts")) continue;
    const text = readFileSync(new URL(`src/${name}`, here), "utf8");
    yield { name, text, source: ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true) };
  }
}

/** Call `take` with every `say("…")`. */
function visit(node, take) {
  const isSay = ts.isCallExpression(node) && node.expression.getText() === "say";
  if (isSay && ts.isStringLiteral(node.arguments[0])) take(node);
  ts.forEachChild(node, (child) => visit(child, take));
}

function describe(schema, found) {
  found.add(schema.title).add(schema.description);
  for (const inside of [...Object.values(schema.properties ?? {}), schema.items].filter(Boolean)) describe(inside, found);
}

export function bundle() {
  return `${JSON.stringify(Object.fromEntries(strings().map((text) => [text, text])), null, 2)}\n`;
}

if (import.meta.filename === process.argv[1]) writeFileSync(new URL("l10n/bundle.l10n.json", here), bundle());
