/** The platform's API, as far as the extension uses it (extensions/api/platform.openapi.yaml). */

import type { Environment, Promotion, Release } from "../model";
import { readList, readOne } from "./answers";
import type { Call, Caller } from "./caller";
import type { Outcome } from "./outcome";
import { isAnswer } from "./transport";

const NAMED = ["id", "name"];
const PROMOTION = ["id", "status"];

export class Platform {
  constructor(private readonly caller: Pick<Caller, "call">) {}

  releases(signal?: AbortSignal): Promise<Outcome<Release[]>> {
    return this.list({ path: "/api/v1/releases", signal }, NAMED);
  }

  release(id: string, signal?: AbortSignal): Promise<Outcome<Release>> {
    return this.one({ path: `/api/v1/releases/${encodeURIComponent(id)}`, signal }, NAMED);
  }

  environments(signal?: AbortSignal): Promise<Outcome<Environment[]>> {
    return this.list({ path: "/api/v1/environments?includeState=true", signal }, NAMED);
  }

  promotions(signal?: AbortSignal): Promise<Outcome<Promotion[]>> {
    return this.list({ path: "/api/v1/promotions", signal }, PROMOTION);
  }

  promote(releaseId: string, targetEnvironmentId: string, reason: string, signal?: AbortSignal): Promise<Outcome<Promotion>> {
    const body = { releaseId, targetEnvironmentId, ...(reason === "" ? {} : { reason }) };
    return this.one({ method: "POST", path: "/api/v1/promotions", body, signal }, PROMOTION);
  }

  approve(id: string, comment: string, signal?: AbortSignal): Promise<Outcome<Promotion>> {
    const path = `/api/v1/promotions/${encodeURIComponent(id)}/approve`;
    return this.one({ method: "POST", path, body: comment === "" ? {} : { comment }, signal }, PROMOTION);
  }

  reject(id: string, reason: string, signal?: AbortSignal): Promise<Outcome<Promotion>> {
    const path = `/api/v1/promotions/${encodeURIComponent(id)}/reject`;
    return this.one({ method: "POST", path, body: { reason }, signal }, PROMOTION);
  }

  private async list<T>(call: Call, required: readonly string[]): Promise<Outcome<T[]>> {
    const answer = await this.caller.call(call);
    return (isAnswer(answer) ? readList(answer, required) : answer) as Outcome<T[]>;
  }

  private async one<T>(call: Call, required: readonly string[]): Promise<Outcome<T>> {
    const answer = await this.caller.call(call);
    return (isAnswer(answer) ? readOne(answer, required) : answer) as Outcome<T>;
  }
}
