/** Reads an answer of the platform or of the hub, whichever of the published shapes it has. */

import { cleaned } from "../text";
import type { Failure, FailureKind, Outcome } from "./outcome";
import type { Answer } from "./transport";

type Json = Record<string, unknown>;

/** What is asked for: a listing may be missing from a server, one thing cannot. */
export type Shape = "list" | "one";

const KINDS: Readonly<Record<number, FailureKind>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "forbidden",
  404: "not-found",
  409: "conflict",
  412: "conflict",
  413: "invalid",
  422: "invalid",
  429: "rate-limited",
};

export function readList(answer: Answer, required: readonly string[]): Outcome<Json[]> {
  const read = readBody(answer, "list");
  if (read.kind !== "ok") return read;
  const items = read.value.filter((item): item is Json => hasText(item, required));
  return { ...read, value: items };
}

/** Read one thing; `missing` is "list" where it is the page of a listing. */
export function readOne(answer: Answer, required: readonly string[], missing: Shape = "one"): Outcome<Json> {
  const read = readBody(answer, "one", missing);
  if (read.kind !== "ok") return read;
  const [thing] = read.value;
  return hasText(thing, required) ? { kind: "ok", value: thing } : { kind: "unreadable" };
}

function readBody(answer: Answer, shape: Shape, missing = shape): Outcome<unknown[]> {
  const body = parsed(answer.body);
  if (answer.status < 200 || answer.status > 299) return failureOf(answer, body, missing);
  if (isObject(body) && body["success"] === false) return { ...told(body), kind: "server-error" };
  const data = isObject(body) && "data" in body ? body["data"] : body;
  if (shape === "one") return isObject(data) ? { kind: "ok", value: [data] } : { kind: "unreadable" };
  if (!Array.isArray(data)) return { kind: "unreadable" };
  const meta = isObject(body) ? body["meta"] : undefined;
  const total = isObject(meta) && typeof meta["total"] === "number" ? { total: meta["total"] } : {};
  return { kind: "ok", value: data, ...total };
}

/** Return the failure a status and its body tell of. */
function failureOf(answer: Answer, body: unknown, shape: Shape): Failure {
  if (shape === "list" && (answer.status === 404 || answer.status === 501)) return { kind: "not-offered" };
  const kind = KINDS[answer.status] ?? "server-error";
  const wait = Number(answer.headers["retry-after"] ?? answer.headers["Retry-After"]);
  return { ...told(body), kind, ...(wait >= 0 ? { retryAfterSeconds: wait } : {}) };
}

function told(body: unknown): Omit<Failure, "kind"> {
  if (!isObject(body)) return {};
  const error = body["error"];
  if (typeof error === "string") return { message: cleaned(error) };
  const source = isObject(error) ? error : body;
  const message = [source["message"], source["detail"], source["title"]].find((one) => typeof one === "string");
  return {
    ...(typeof message === "string" ? { message: cleaned(message) } : {}),
    ...(typeof source["code"] === "string" ? { code: source["code"] } : {}),
    ...(typeof source["traceId"] === "string" ? { traceId: source["traceId"] } : {}),
  };
}

/** Parse JSON; what is none is undefined. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasText(value: unknown, names: readonly string[]): value is Json {
  return isObject(value) && names.every((name) => typeof value[name] === "string");
}
