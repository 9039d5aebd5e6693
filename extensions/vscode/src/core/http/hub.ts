/** The integrations hub's API, as far as the extension uses it (infra/openapi.json). */

import type { Check, Health, Integration, Step } from "../model";
import { isObject, readOne, type Shape } from "./answers";
import type { Call, Caller } from "./caller";
import { isOk, mapped, type Outcome } from "./outcome";
import { isAnswer } from "./transport";

type Json = Record<string, unknown>;

const BASE = "/api/v1/integrations";
const MOST_PAGES = 40;

export class Hub {
  constructor(private readonly caller: Pick<Caller, "call">) {}

  /** Return every integration, page by page; a server without the listing has none of it. */
  async integrations(signal?: AbortSignal): Promise<Outcome<Integration[]>> {
    const found: Integration[] = [];
    let token: string | undefined;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const query = new URLSearchParams({ page_size: "500", ...(token ? { page_token: token } : {}) });
      const answer = await this.one({ path: `${BASE}?${query.toString()}`, signal }, "list");
      if (!isOk(answer)) return answer;
      const { items, nextPageToken } = answer.value;
      if (!Array.isArray(items)) return { kind: "unreadable" };
      found.push(...items.filter(isIntegration).map(shownOf));
      if (typeof nextPageToken !== "string") break;
      token = nextPageToken;
    }
    return { kind: "ok", value: found };
  }

  /** Check one now; an integration that is not healthy is an answer, not a failure. */
  async check(id: string, signal?: AbortSignal): Promise<Outcome<Check>> {
    const path = `${BASE}/${encodeURIComponent(id)}/health-check`;
    return mapped(await this.one({ method: "POST", path, signal }), checkOf);
  }

  async health(id: string, signal?: AbortSignal): Promise<Outcome<Health>> {
    const path = `${BASE}/${encodeURIComponent(id)}/health?page_size=50`;
    return mapped(await this.one({ path, signal }), (told) => ({
      latest: checkOf(isObject(told["latest"]) ? told["latest"] : {}),
      windows: listOf(told["windows"]),
      history: listOf(told["history"]),
    }));
  }

  private async one(call: Call, missing: Shape = "one"): Promise<Outcome<Json>> {
    const answer = await this.caller.call(call);
    return isAnswer(answer) ? readOne(answer, [], missing) : answer;
  }
}

function isIntegration(item: unknown): item is Integration {
  return isObject(item) && ["id", "name", "type", "status"].every((name) => typeof item[name] === "string");
}

/** Return what is shown of an integration: what is kept on disk holds no config and no AuthRef. */
function shownOf(told: Integration): Integration {
  const { id, name, type, category, status, reason, lastCheckedAt, nextCheckAt, paused, credential, webUrl } = told;
  const all = { id, name, type, category, status, reason, lastCheckedAt, nextCheckAt, paused, credential, webUrl };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as unknown as Integration;
}

function checkOf(told: Json): Check {
  const status = typeof told["status"] === "string" ? told["status"] : "";
  return { ...told, status, steps: listOf<Step>(told["steps"]) };
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? (value.filter(isObject) as T[]) : [];
}
