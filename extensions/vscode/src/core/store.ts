/** What the servers last said, from when that is, and why there is nothing newer. */

import { isObject } from "./http/answers";
import type { Hub } from "./http/hub";
import { isOk, isOutage, type Failure, type Outcome } from "./http/outcome";
import type { Platform } from "./http/platform";
import type { Check, Environment, Integration, Promotion, Release } from "./model";

export interface Slice<T> {
  readonly items?: readonly T[] | undefined;
  /** When they were told, in milliseconds since 1970. */
  readonly at?: number | undefined;
  readonly failure?: Failure | undefined;
}

export interface Contents {
  readonly releases: Slice<Release>;
  readonly environments: Slice<Environment>;
  readonly promotions: Slice<Promotion>;
  readonly integrations: Slice<Integration>;
}

export type SliceName = keyof Contents;

export interface Memory {
  get(): unknown;
  set(kept: unknown): PromiseLike<void>;
}

const NOTHING: Contents = { releases: {}, environments: {}, promotions: {}, integrations: {} };
const NAMES = Object.keys(NOTHING) as SliceName[];

export class Store {
  contents: Contents = NOTHING;
  /** The latest check of each integration, where it was asked for. */
  readonly checks = new Map<string, Check>();
  private readonly listeners = new Set<() => void>();
  private generation = 0;

  constructor(
    private readonly platform: Platform,
    private readonly hub: Hub,
    private readonly memory: Memory,
    private readonly now: () => number = Date.now,
  ) {}

  onChange(listener: () => void): { dispose(): void } {
    this.listeners.add(listener);
    return { dispose: () => this.listeners.delete(listener) };
  }

  /** Show what was last known to this person there; `identity` names person, tenant and servers. */
  restore(identity: string): void {
    const kept = this.memory.get();
    this.forget();
    if (isObject(kept) && kept["identity"] === identity && isObject(kept["contents"])) {
      this.contents = restored(kept["contents"]);
    }
    this.tell();
  }

  /** Show nothing: signed out, or somebody else. */
  forget(): void {
    this.generation += 1;
    this.contents = NOTHING;
    this.checks.clear();
    this.tell();
  }

  /** Ask for everything; each listing is shown as soon as it comes, and what fails leaves the last one standing. */
  async refresh(identity: string, signal?: AbortSignal): Promise<{ ok: boolean; retryAfterSeconds?: number | undefined }> {
    const asked = this.generation;
    const take = async (name: SliceName, coming: Promise<Outcome<unknown[]>>): Promise<void> => {
      const outcome = await coming;
      if (asked !== this.generation || outcome.kind === "cancelled") return;
      const before = this.contents[name];
      const next = isOk(outcome)
        ? { items: outcome.value, at: this.now() }
        : isOutage(outcome)
          ? { ...before, failure: outcome }
          : { failure: outcome };
      this.contents = { ...this.contents, [name]: next };
      this.tell();
    };
    await Promise.all([
      take("releases", this.platform.releases(signal)),
      take("environments", this.platform.environments(signal)),
      take("promotions", this.platform.promotions(signal)),
      take("integrations", this.hub.integrations(signal)),
    ]);
    if (asked !== this.generation) return { ok: true };
    await this.memory.set({ identity, contents: this.contents });
    const waits = this.failures().map((failure) => failure.retryAfterSeconds ?? 0);
    return { ok: !this.failures().some(isOutage), retryAfterSeconds: Math.max(0, ...waits) };
  }

  /** Take in one check: the integration is shown as the hub now sees it. */
  checked(id: string, check: Check): void {
    this.checks.set(id, check);
    const items = this.contents.integrations.items?.map((one) =>
      one.id === id
        ? { ...one, status: check.status, reason: (check.reason ?? null) as never, lastCheckedAt: check.checkedAt ?? null }
        : one,
    );
    this.contents = { ...this.contents, integrations: { ...this.contents.integrations, items } };
    this.tell();
  }

  /** Take in one promotion as it now stands. */
  promoted(promotion: Promotion): void {
    const others = this.contents.promotions.items?.filter((one) => one.id !== promotion.id) ?? [];
    this.contents = { ...this.contents, promotions: { ...this.contents.promotions, items: [promotion, ...others] } };
    this.tell();
  }

  failures(): Failure[] {
    return NAMES.map((name) => this.contents[name].failure).filter((failure) => failure !== undefined);
  }

  /** When the oldest of what is shown was told. */
  oldest(): number | undefined {
    const times = NAMES.map((name) => this.contents[name].at).filter((at) => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function restored(kept: Record<string, unknown>): Contents {
  const slices = NAMES.map((name) => {
    const slice = kept[name];
    const sound = isObject(slice) && Array.isArray(slice["items"]) && typeof slice["at"] === "number";
    return [name, sound ? { items: slice["items"], at: slice["at"] } : {}] as const;
  });
  return Object.fromEntries(slices) as unknown as Contents;
}
