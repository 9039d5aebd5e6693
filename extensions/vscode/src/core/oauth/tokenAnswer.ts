/** Reads what the Authority's token endpoint answers (RFC 6749 §5, RFC 8628 §3.5). */

import { isObject, parsed } from "../http/answers";
import type { Failure } from "../http/outcome";
import { isAnswer, type Answer } from "../http/transport";
import { cleaned } from "../text";

export const DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code";
export type Grant = "authorization_code" | "refresh_token" | typeof DEVICE_GRANT;

export interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly scopes: readonly string[];
  readonly expiresInSeconds: number;
}

export type TokenOutcome =
  | { readonly outcome: "signed-in"; readonly tokens: Tokens }
  | { readonly outcome: "signed-out" | "failed" | "refused" | "expired"; readonly message?: string }
  | { readonly outcome: "offline"; readonly message?: string; readonly retryAfterSeconds?: number }
  | { readonly outcome: "try"; readonly path: string }
  | { readonly outcome: "wait"; readonly addSeconds: number };

export interface Asked {
  readonly grant: Grant;
  readonly path: string;
  readonly scopes: readonly string[];
  /** The refresh token in use before. */
  readonly kept: string | null;
}

const HOUR_S = 3600;
const SLOWER_S = 5;
const OTHER_PATH: Readonly<Record<string, string>> = { "/oauth/token": "/token" };
const ENDED = ["invalid_grant", "invalid_client", "unauthorized_client"];

export function readTokens(answer: Answer | Failure, asked: Asked): TokenOutcome {
  if (!isAnswer(answer)) return away(asked, answer.message === undefined ? {} : { message: answer.message });
  const body = parsed(answer.body);
  if (answer.status === 200) return granted(body, asked);
  if (answer.status === 404 || answer.status === 410) {
    const path = OTHER_PATH[asked.path];
    return path === undefined ? { outcome: "failed" } : { outcome: "try", path };
  }
  const wait = Number(answer.headers["retry-after"] ?? answer.headers["Retry-After"]);
  const error = isObject(body) && typeof body["error"] === "string" ? body["error"] : "";
  if (asked.grant === DEVICE_GRANT && answer.status < 500) return undecided(error, said(body));
  if (answer.status === 429 || answer.status >= 500) return away(asked, wait >= 0 ? { retryAfterSeconds: wait } : {});
  const ended = asked.grant === "refresh_token" && ENDED.includes(error);
  return { outcome: ended ? "signed-out" : "failed", ...said(body) };
}

function granted(body: unknown, asked: Asked): TokenOutcome {
  if (!isObject(body) || typeof body["access_token"] !== "string") return away(asked, {});
  if (String(body["token_type"]).toLowerCase() !== "bearer") return { outcome: "failed" };
  const lifetime = body["expires_in"];
  const scope = body["scope"];
  const next = body["refresh_token"];
  return {
    outcome: "signed-in",
    tokens: {
      accessToken: body["access_token"],
      refreshToken: typeof next === "string" ? next : asked.grant === "refresh_token" ? asked.kept : null,
      scopes: typeof scope === "string" ? scope.split(" ").filter(Boolean) : asked.scopes,
      expiresInSeconds: typeof lifetime === "number" && lifetime > 0 ? lifetime : HOUR_S,
    },
  };
}

/** No verdict: who was signed in stays so, who waits goes on, and only a new sign-in has failed. */
function away(asked: Asked, more: { message?: string; retryAfterSeconds?: number }): TokenOutcome {
  if (asked.grant === DEVICE_GRANT) return { outcome: "wait", addSeconds: SLOWER_S };
  if (asked.grant === "refresh_token") return { outcome: "offline", ...more };
  return { outcome: "failed", ...(more.message === undefined ? {} : { message: more.message }) };
}

function undecided(error: string, message: { message?: string }): TokenOutcome {
  if (error === "authorization_pending") return { outcome: "wait", addSeconds: 0 };
  if (error === "slow_down") return { outcome: "wait", addSeconds: SLOWER_S };
  if (error === "access_denied") return { outcome: "refused", ...message };
  if (error === "expired_token") return { outcome: "expired", ...message };
  return { outcome: "failed", ...message };
}

function said(body: unknown): { message?: string } {
  const text = isObject(body) ? body["error_description"] : undefined;
  return typeof text === "string" ? { message: cleaned(text) } : {};
}
