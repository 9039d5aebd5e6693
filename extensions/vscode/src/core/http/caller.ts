/** Calls a server as who is signed in: a token that is not taken is renewed once, and then the person is signed out. */

import { say } from "../words";
import type { Session } from "../oauth/session";
import type { Failure } from "./outcome";
import { isAnswer, type Answer, type Transport } from "./transport";

export interface Call {
  readonly method?: "GET" | "POST";
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

export class Caller {
  constructor(
    private readonly base: () => string | undefined,
    private readonly session: Session,
    private readonly send: Transport,
    private readonly log: (line: string) => void = () => undefined,
  ) {}

  async call(call: Call): Promise<Answer | Failure> {
    const base = this.base();
    if (base === undefined) return { kind: "not-configured" };
    const first = await this.session.token();
    if ("none" in first) return withoutToken(first);
    const answer = await this.once(base, call, first.token);
    if (!isAnswer(answer) || answer.status !== 401) return answer;
    const second = await this.session.token(first.token);
    return "none" in second ? withoutToken(second) : this.once(base, call, second.token);
  }

  private async once(base: string, call: Call, token: string): Promise<Answer | Failure> {
    const { method = "GET", path, body, signal } = call;
    const began = Date.now();
    const answer = await this.send({
      method,
      url: base + path,
      headers: {
        Authorization: `Bearer ${token}`,
        Accept: "application/json",
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    const came = isAnswer(answer) ? String(answer.status) : `${answer.kind} ${answer.message ?? ""}`;
    this.log(`${method} ${base}${path.split("?")[0] ?? ""} ${came.trim()} (${Date.now() - began} ms)`);
    return answer;
  }
}

function withoutToken(none: { none: "signed-out" | "offline"; message?: string }): Failure {
  if (none.none === "signed-out") return { kind: "unauthenticated", ...(none.message ? { message: none.message } : {}) };
  return { kind: "unreachable", message: none.message ?? say("The Authority does not answer.") };
}
