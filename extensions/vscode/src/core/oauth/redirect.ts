/** Reads what the browser brings back (RFC 6749 §4.1.2, RFC 9207). */

import { cleaned } from "../text";

export type Redirect =
  | { readonly outcome: "code"; readonly code: string }
  | { readonly outcome: "refused" | "failed"; readonly message?: string }
  /** Somebody else's: it is answered with a page, and the right one is still waited for. */
  | { readonly outcome: "ignored" };

export interface Expected {
  readonly state: string;
  readonly issuer: string;
  /** The discovery document says that `iss` is sent. */
  readonly issPromised: boolean;
}

export function readRedirect(query: string, expected: Expected): Redirect {
  const told = new URLSearchParams(query);
  if (told.getAll("state").length !== 1 || told.get("state") !== expected.state) return { outcome: "ignored" };
  const error = told.get("error");
  if (error === "access_denied") return { outcome: "refused" };
  if (error !== null) return { outcome: "failed", message: cleaned(told.get("error_description") ?? error) };
  const issuer = told.get("iss");
  if (issuer === null ? expected.issPromised : issuer !== expected.issuer) return { outcome: "failed" };
  const [code, ...others] = told.getAll("code");
  return code && others.length === 0 ? { outcome: "code", code } : { outcome: "failed" };
}
