/** What came of a call: nothing here throws, so that no caller forgets a case. */

export type FailureKind =
  | "not-offered"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "invalid"
  | "rate-limited"
  | "server-error"
  | "unreadable"
  | "unreachable"
  | "cancelled"
  | "not-configured";

export interface Failure {
  readonly kind: FailureKind;
  /** The server's own sentence, or what the network said; shown as it is. */
  readonly message?: string;
  readonly code?: string;
  readonly traceId?: string;
  readonly retryAfterSeconds?: number;
}

export interface Ok<T> {
  readonly kind: "ok";
  readonly value: T;
  readonly total?: number;
}

export type Outcome<T> = Ok<T> | Failure;

export function isOk<T>(outcome: Outcome<T>): outcome is Ok<T> {
  return outcome.kind === "ok";
}

/** Whether the server could not be asked, so that what was known before still stands. */
export function isOutage(failure: Failure): boolean {
  return ["unreachable", "unreadable", "server-error", "rate-limited"].includes(failure.kind);
}

export function mapped<T, U>(outcome: Outcome<T>, change: (value: T) => U): Outcome<U> {
  return isOk(outcome) ? { ...outcome, value: change(outcome.value) } : outcome;
}
