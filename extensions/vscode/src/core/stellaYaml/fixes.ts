/** Quick fixes as edits of the text (extensions/api/findings.json, `fixes`). */

import { parse } from "yaml";

import type { Range } from "./positions";
import type { Schema } from "./schema";

export type FixName = "insert-key" | "rename-key" | "quote" | "replace" | "refresh";

export interface Fix {
  readonly fix: FixName;
  readonly arguments: readonly string[];
  /** Without one the fix runs a command. */
  readonly edit?: { readonly range: Range; readonly newText: string };
}

export const REFRESH: Fix = { fix: "refresh", arguments: [] };

export function replaceBy(name: string, range: Range): Fix {
  return { fix: "replace", arguments: [name], edit: { range, newText: scalar(name) } };
}

export function renameTo(key: string, range: Range): Fix {
  return { fix: "rename-key", arguments: [key], edit: { range, newText: key } };
}

export function quoteIt(source: string, range: Range): Fix {
  return { fix: "quote", arguments: [], edit: { range, newText: JSON.stringify(source) } };
}

/** Write a key on a line of its own before what stands at the range's start, as far in as that. */
export function insertKey(key: string, schema: Schema | undefined, range: Range, end: string): Fix {
  const example = schema?.examples?.[0];
  const value = schema?.default ?? (typeof example === "string" ? example : undefined);
  const written = value === undefined ? `${key}:` : `${key}: ${scalar(value)}`;
  const newText = written + end + " ".repeat(range.start.character);
  return { fix: "insert-key", arguments: [key], edit: { range: { start: range.start, end: range.start }, newText } };
}

/** Return a text as YAML reads it back, in double quotes where it would not plainly. */
export function scalar(text: string): string {
  return readsBack(`k: ${text}`, (read) => read["k"], text) && readsBack(`k: [${text}]`, firstOf, text)
    ? text
    : JSON.stringify(text);
}

function readsBack(line: string, pick: (read: Record<string, unknown>) => unknown, text: string): boolean {
  try {
    return pick(parse(line, { logLevel: "silent" }) as Record<string, unknown>) === text;
  } catch {
    return false;
  }
}

function firstOf(read: Record<string, unknown>): unknown {
  const list = read["k"];
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined;
}
