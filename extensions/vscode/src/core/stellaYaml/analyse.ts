/** Holds a stella.yaml against its schema and the servers' names. */

import { isAlias, isMap, isScalar, isSeq, parseDocument, type Document, type Node, type Pair, type YAMLMap } from "yaml";

import { cleaned } from "../text";
import { closest } from "./closest";
import type { Code, Finding, Known, Name } from "./findings";
import { insertKey, quoteIt, REFRESH, renameTo, replaceBy, type Fix } from "./fixes";
import { Lines, type Range } from "./positions";
import { fits, own, SCHEMA, type Kind, type Schema } from "./schema";


export interface Analysis {
  readonly findings: readonly Finding[];
  readonly names: readonly Name[];
}

const LISTS = { release: "releases", environment: "environments", integration: "integrations" } as const;

export function analyse(text: string, known: Known): Analysis {
  const document = parseDocument(text, { uniqueKeys: false, prettyErrors: false, logLevel: "silent" });
  const [broken] = document.errors;
  const lines = new Lines(text);
  if (broken !== undefined) {
    const start = Math.min(broken.pos[0], text.length);
    const range = lines.range(start, Math.min(Math.max(broken.pos[1], start), text.length));
    return { findings: [{ code: "yaml-syntax", arguments: [cleaned(broken.message)], range, fixes: [] }], names: [] };
  }
  const walk = new Walk(document, lines, known);
  walk.root();
  return { findings: walk.findings.sort(byPlace), names: walk.names.sort(byPlace) };
}

function byPlace(one: { range: Range }, other: { range: Range }): number {
  const [a, b] = [one.range.start, other.range.start];
  return a.line - b.line || a.character - b.character;
}

class Walk {
  readonly findings: Finding[] = [];
  readonly names: Name[] = [];

  constructor(
    private readonly document: Document.Parsed,
    private readonly lines: Lines,
    private readonly known: Known,
  ) {}

  root(): void {
    const { contents } = this.document;
    const nowhere = this.lines.range(0, 0);
    if (contents === null || this.isNothing(contents)) {
      for (const key of SCHEMA.required ?? []) this.missing(key, SCHEMA, nowhere, true);
    } else {
      this.value(SCHEMA, contents, nowhere);
    }
  }

  private value(schema: Schema, written: Node | null, key: Range): void {
    const node = isAlias(written) ? (written.resolve(this.document) ?? null) : written;
    const range = written === null || this.isNothing(written) ? key : this.rangeOf(written);
    if (schema.const !== undefined) {
      if (isScalar(node) && node.value === schema.const) return;
      this.add("not-allowed", [schema.title, schema.const], range, [replaceBy(schema.const, range)]);
    } else if (schema.type === "object" && isMap(node)) this.mapping(schema, node, range);
    else if (schema.type === "array" && isSeq(node)) this.list(schema, node.items as (Node | null)[], range);
    else if (schema.type === "string" && isScalar(node) && typeof node.value === "string") this.text(schema, node.value, range);
    else if (schema.type === "integer" && isScalar(node) && Number.isInteger(node.value)) this.number(schema, node.value as number, range);
    else this.add("wrong-type", [schema.title, schema.type ?? "string"], range, this.quotes(schema, node, range));
  }

  private mapping(schema: Schema, map: YAMLMap, range: Range): void {
    const pairs = map.items as Pair<Node, Node | null>[];
    const written = pairs.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ""));
    const first = pairs[0];
    const block = !map.flow && first !== undefined;
    for (const key of schema.required ?? []) {
      if (!written.includes(key)) this.missing(key, schema, block ? this.rangeOf(first.key) : range, block);
    }
    pairs.forEach((pair, place) => {
      const name = written[place] ?? "";
      const at = this.rangeOf(pair.key);
      const inside = own(schema.properties, name);
      if (inside === undefined) this.unknownKey(name, schema, written, at);
      else if (written.indexOf(name) < place) this.add("duplicate-key", [name], at);
      else this.value(inside, pair.value, at);
    });
  }

  private unknownKey(name: string, schema: Schema, written: readonly string[], range: Range): void {
    const free = Object.keys(schema.properties ?? {}).filter((key) => !written.includes(key));
    this.add("unknown-key", [name], range, closest(name, free, 1).map((key) => renameTo(key, range)));
  }

  private list(schema: Schema, items: readonly (Node | null)[], key: Range): void {
    const seen = new Set<unknown>();
    for (const item of items) {
      const value = isScalar(item) ? item.value : item;
      if (schema.uniqueItems === true && item !== null && seen.has(value)) {
        this.add("duplicate-item", [String(value)], this.rangeOf(item));
      } else if (schema.items !== undefined) this.value(schema.items, item, key);
      seen.add(value);
    }
  }

  private text(schema: Schema, value: string, range: Range): void {
    if (!fits(schema, value)) return this.add("malformed", [schema.title, schema.description], range);
    const kind = schema["x-stella-names"];
    if (kind !== undefined) this.named(kind, value, range);
  }

  private named(kind: Kind, name: string, range: Range): void {
    this.names.push({ kind, name, range });
    const known = this.known[LISTS[kind]];
    if (known === null || known.includes(name)) return;
    const fixes = closest(name, known).map((one) => replaceBy(one, range));
    this.add(`unknown-${kind}`, [name], range, [...fixes, REFRESH]);
  }

  private number(schema: Schema, value: number, range: Range): void {
    const { minimum = -Infinity, maximum = Infinity } = schema;
    if (value < minimum || value > maximum) {
      this.add("out-of-range", [schema.title, String(minimum), String(maximum)], range);
    }
  }

  private quotes(schema: Schema, node: Node | null, range: Range): Fix[] {
    if (schema.type !== "string" || !isScalar(node) || !["number", "boolean"].includes(typeof node.value)) return [];
    const source = this.sourceOf(node);
    return fits(schema, source) ? [quoteIt(source, range)] : [];
  }

  private missing(key: string, schema: Schema, range: Range, fixable: boolean): void {
    const fix = insertKey(key, own(schema.properties, key), range, this.lines.end);
    this.add("missing-key", [key], range, fixable ? [fix] : []);
  }

  private add(code: Code, args: readonly string[], range: Range, fixes: readonly Fix[] = []): void {
    this.findings.push({ code, arguments: args, range, fixes });
  }

  private rangeOf(node: Node): Range {
    const [start, end] = node.range ?? [0, 0];
    return this.lines.range(start, end);
  }

  private sourceOf(node: Node): string {
    const [start, end] = node.range ?? [0, 0];
    return this.lines.text.slice(start, end);
  }

  private isNothing(node: Node): boolean {
    return isScalar(node) && node.value === null && this.sourceOf(node).trim() === "";
  }
}
