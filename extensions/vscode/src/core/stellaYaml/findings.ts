/** What is wrong in a stella.yaml (extensions/api/findings.json), and which names stand in it. */

import table from "../../../../api/findings.json";
import { say } from "../words";
import type { Fix } from "./fixes";
import type { Range } from "./positions";
import type { Kind } from "./schema";

export type Code =
  | "yaml-syntax"
  | "duplicate-key"
  | "missing-key"
  | "unknown-key"
  | "wrong-type"
  | "not-allowed"
  | "malformed"
  | "out-of-range"
  | "duplicate-item"
  | `unknown-${Kind}`;

export interface Finding {
  readonly code: Code;
  readonly arguments: readonly string[];
  readonly range: Range;
  readonly fixes: readonly Fix[];
}

export interface Name {
  readonly kind: Kind;
  readonly name: string;
  readonly range: Range;
}

/** The names the servers list; null where they are not known. */
export interface Known {
  readonly releases: readonly string[] | null;
  readonly environments: readonly string[] | null;
  readonly integrations: readonly string[] | null;
}

export const SOURCE = table.source;

const ROWS = new Map(table.findings.map((row) => [row.code, row]));

export function severityOf(code: Code): "error" | "warning" {
  return ROWS.get(code)?.severity === "warning" ? "warning" : "error";
}

/** Return the sentence of a finding. Titles, descriptions and types are texts of ours; names are the person's own. */
export function messageOf({ code, arguments: args }: Finding): string {
  const [first = "", second = "", ...others] = args;
  const translated: Partial<Record<Code, readonly string[]>> = {
    "wrong-type": [say(first), say(typeWord(second))],
    "not-allowed": [say(first), second],
    malformed: [say(first), say(second)],
    "out-of-range": [say(first), second, ...others],
  };
  return say(ROWS.get(code)?.message ?? code, ...(translated[code] ?? args));
}

function typeWord(type: string): string {
  return (table.types as Readonly<Record<string, { message: string }>>)[type]?.message ?? type;
}

export function fixTitle(fix: Fix): string {
  return say(table.fixes[fix.fix].title, ...fix.arguments);
}
