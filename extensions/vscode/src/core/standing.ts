/** How a view, and the whole, stand: what parity.json calls states. */

import { isOutage, type Failure } from "./http/outcome";
import type { Slice } from "./store";
import { say } from "./words";

export type ViewState =
  | "signedOut"
  | "notConfigured"
  | "loading"
  | "empty"
  | "notOffered"
  | "scopeMissing"
  | "offline"
  | "offlineEmpty"
  | "ready";

export type Standing = "signedOut" | "notConfigured" | "loading" | "online" | "offline" | "error";

/** Who is there: nobody, or a person with scopes. */
export interface Presence {
  readonly configured: boolean;
  /** Undefined until the secret store was asked. */
  readonly signedIn: boolean | undefined;
  readonly scopes: readonly string[];
}

export function stateOf(slice: Slice<unknown>, presence: Presence, scope: string): ViewState {
  if (!presence.configured) return "notConfigured";
  if (presence.signedIn === undefined) return "loading";
  const { failure, items } = slice;
  if (!presence.signedIn || failure?.kind === "unauthenticated") return "signedOut";
  if (failure?.kind === "not-configured") return "notConfigured";
  if (!presence.scopes.includes(scope) || failure?.kind === "forbidden") return "scopeMissing";
  if (failure?.kind === "not-offered") return "notOffered";
  if (failure !== undefined) return items === undefined ? "offlineEmpty" : "offline";
  if (items === undefined) return "loading";
  return items.length === 0 ? "empty" : "ready";
}

export function standingOf(slices: readonly Slice<unknown>[], presence: Presence): Standing {
  if (!presence.configured) return "notConfigured";
  if (presence.signedIn === undefined) return "loading";
  const failures = slices.map(({ failure }) => failure).filter((failure) => failure !== undefined);
  if (!presence.signedIn || failures.some(({ kind }) => kind === "unauthenticated")) return "signedOut";
  if (failures.some(({ kind }) => kind === "unreachable")) return "offline";
  if (failures.some(isOutage)) return "error";
  return slices.some(({ items, failure }) => items === undefined && failure === undefined) ? "loading" : "online";
}

/** Return what a failure is called: the server's own words, or a sentence for its kind. */
export function sentence(failure: Failure): string {
  const wait = failure.retryAfterSeconds;
  switch (failure.kind) {
    case "unreachable":
      return failure.message ?? say("No connection.");
    case "unreadable":
      return say("It sent something that is no answer.");
    case "rate-limited":
      return wait ? say("It asks to wait {0} seconds.", String(wait)) : say("It was asked too often.");
    case "server-error":
      return failure.message ?? say("It has a fault of its own.");
    case "unauthenticated":
      return failure.message ?? say("Your sign-in has ended. Sign in again.");
    case "forbidden":
      return failure.message ?? say("Your sign-in does not allow this.");
    case "not-found":
      return failure.message ?? say("It is not there any more.");
    case "not-offered":
      return say("This server does not offer this.");
    case "not-configured":
      return say("Say where your servers are.");
    case "cancelled":
      return say("It was cancelled.");
    default:
      return failure.message ?? say("The server refused it.");
  }
}
