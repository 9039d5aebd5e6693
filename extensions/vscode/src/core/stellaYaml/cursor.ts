/** What a person wants to know where the cursor stands: completion and hover. */

import { isMap, isPair, isScalar, parseDocument, visit, type Document, type Node } from "yaml";

import { scalar } from "./fixes";
import type { Known } from "./findings";
import { Lines, type Range } from "./positions";
import { schemaAt, type Kind, type Schema } from "./schema";

type Path = readonly (string | number)[];

export interface Completion {
  readonly label: string;
  readonly insert: string;
  readonly kind: "key" | "value" | Kind;
  readonly schema: Schema;
}

export interface Hovered {
  readonly range: Range;
  readonly schema: Schema;
  /** Where a name stands. */
  readonly named?: { readonly kind: Kind; readonly name: string };
}

// a word that nobody writes, put where the cursor is so that the parser tells where that is
const CURSOR = "cursor5f1e2d3c";
const WORD = /[A-Za-z0-9._/-]/;

export function completeAt(text: string, offset: number, known: Known): { range: Range; items: Completion[] } {
  let [start, end] = [offset, offset];
  while (start > 0 && WORD.test(text[start - 1] ?? "")) start -= 1;
  while (end < text.length && WORD.test(text[end] ?? "")) end += 1;
  const with_ = (word: string): Place | undefined => placeOf(text.slice(0, start) + word + text.slice(end));
  const rest = /^[^\S\r\n]*:/.test(text.slice(end));
  const places = [with_(CURSOR), rest ? undefined : with_(`${CURSOR}:`)].filter((one) => one !== undefined);
  const items = places.flatMap((place) => (place.isKey ? keysAt(place, rest) : valuesAt(place.path, known)));
  // a key may be found both ways
  const once = items.filter((one, place) => items.findIndex(({ label }) => label === one.label) === place);
  return { range: new Lines(text).range(start, end), items: once };
}

interface Place {
  readonly path: Path;
  readonly isKey: boolean;
  /** The keys that stand beside it. */
  readonly beside: readonly string[];
}

function placeOf(text: string): Place | undefined {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  let found: Place | undefined;
  visit(document, {
    Scalar(key, node, ancestors) {
      if (node.value !== CURSOR) return undefined;
      const path = pathOf(ancestors, key === "key" ? undefined : node);
      const map = ancestors[ancestors.length - 2];
      const beside = key === "key" && isMap(map) ? map.items.map(({ key: one }) => String(isScalar(one) ? one.value : "")) : [];
      found = { path, isKey: key === "key", beside };
      return visit.BREAK;
    },
  });
  return found;
}

/** Return the keys and positions that lead to the last of the ancestors, or to a node in it. */
function pathOf(ancestors: readonly unknown[], last: Node | undefined): (string | number)[] {
  const path: (string | number)[] = [];
  const chain = [...ancestors, last];
  chain.forEach((one, place) => {
    const below = chain[place + 1];
    if (isPair(one) && below !== undefined) path.push(String(isScalar(one.key) ? one.key.value : ""));
    else if (one instanceof Object && "items" in one && !isMap(one)) path.push((one.items as unknown[]).indexOf(below));
  });
  return path;
}

function keysAt({ path, beside }: Place, colon: boolean): Completion[] {
  return Object.entries(schemaAt(path)?.properties ?? {})
    .filter(([key]) => !beside.includes(key))
    .map(([key, schema]) => ({ label: key, insert: colon ? key : `${key}: `, kind: "key", schema }));
}

function valuesAt(path: Path, known: Known): Completion[] {
  const schema = schemaAt(path);
  if (schema === undefined) return [];
  if (schema.const !== undefined) return [{ label: schema.const, insert: schema.const, kind: "value", schema }];
  const kind = schema["x-stella-names"];
  if (kind === undefined) return [];
  const names = { release: known.releases, environment: known.environments, integration: known.integrations }[kind];
  return [...new Set(names ?? [])].map((name) => ({ label: name, insert: scalar(name), kind, schema }));
}

export function hoverAt(text: string, offset: number): Hovered | undefined {
  const document: Document.Parsed = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  let found: Hovered | undefined;
  visit(document, {
    Scalar(key, node, ancestors) {
      const [start, end] = node.range ?? [0, 0];
      if (offset < start || offset > end) return undefined;
      const pair = ancestors[ancestors.length - 1];
      const path = key === "key" ? [...pathOf(ancestors, undefined), keyOf(pair)] : pathOf(ancestors, node);
      const schema = schemaAt(path);
      const kind = schema?.["x-stella-names"];
      const named = key !== "key" && kind !== undefined ? { named: { kind, name: String(node.value) } } : {};
      if (schema !== undefined) found = { range: new Lines(text).range(start, end), schema, ...named };
      return visit.BREAK;
    },
  });
  return found;
}

function keyOf(pair: unknown): string {
  const key = isPair(pair) ? pair.key : undefined;
  return isScalar(key) ? String(key.value) : "";
}
