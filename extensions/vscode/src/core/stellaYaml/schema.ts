/** The JSON Schema of stella.yaml, and what stands in it at a path. */

import schema from "../../../../api/stella.schema.json";

export type Kind = "release" | "environment" | "integration";

export interface Schema {
  readonly title: string;
  readonly description: string;
  readonly type?: "string" | "array" | "object" | "integer";
  readonly const?: string;
  readonly default?: string;
  readonly examples?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly uniqueItems?: boolean;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly "x-stella-names"?: Kind;
}

export const SCHEMA = schema as unknown as Schema;

/** Return the schema at a path of keys and positions, undefined where the schema has nothing to say. */
export function schemaAt(path: readonly (string | number)[]): Schema | undefined {
  let here: Schema | undefined = SCHEMA;
  for (const step of path) here = typeof step === "number" ? here?.items : own(here?.properties, step);
  return here;
}

export function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
}

/** Whether a text is what the schema wants of one. */
export function fits(schema: Schema, text: string): boolean {
  const { length } = Array.from(text);
  return (
    (schema.pattern === undefined || new RegExp(schema.pattern, "u").test(text)) &&
    length >= (schema.minLength ?? 0) &&
    length <= (schema.maxLength ?? Infinity)
  );
}
