/** What is kept while the servers are away, and how often they are asked. */

import { describe, expect, it } from "vitest";

import { Poller, waitSeconds } from "../../src/core/poller";
import { stateOf, standingOf } from "../../src/core/standing";
import { Store } from "../../src/core/store";
import { personAt } from "../support/person";
import { serverThat, type Said } from "../support/servers";

const HERE = { configured: true, signedIn: true, scopes: ["release:read", "promotion:read", "integration:read"] };

async function storeAt(says: { said: Said }) {
  const server = await serverThat(({ path }) =>
    says.said.status || says.said.hang ? says.said : path.includes("integrations") ? { body: { items: [] } } : { body: [{ id: "1", name: "a", status: "s" }] },
  );
  const { platform, hub } = await personAt(server);
  const kept: { value?: unknown } = {};
  const memory = { get: () => kept.value, set: (value: unknown) => Promise.resolve(void (kept.value = JSON.parse(JSON.stringify(value)))) };
  const clock = { now: 1000 };
  return { store: new Store(platform, hub, memory, () => clock.now), kept, clock, again: () => new Store(platform, hub, memory) };
}

describe("the store", () => {
  it("keeps the last good state through an outage, with when it is from", async () => {
    const says: { said: Said } = { said: {} };
    const { store, clock } = await storeAt(says);
    expect(await store.refresh("me")).toMatchObject({ ok: true });
    says.said = { status: 503, headers: { "Retry-After": "30" } };
    clock.now = 9000;
    expect(await store.refresh("me")).toEqual({ ok: false, retryAfterSeconds: 30 });
    expect(store.contents.releases).toMatchObject({ items: [{ id: "1" }], at: 1000, failure: { kind: "server-error" } });
    expect(stateOf(store.contents.releases, HERE, "release:read")).toBe("offline");
    expect(store.oldest()).toBe(1000);
    says.said = {};
    await store.refresh("me");
    expect(store.contents.releases).toEqual({ items: [{ id: "1", name: "a", status: "s" }], at: 9000 });
  });

  it("shows it again after a restart, to the same person only", async () => {
    const { store, again } = await storeAt({ said: {} });
    await store.refresh("alice demo");
    const later = again();
    later.restore("alice demo");
    expect(later.contents.releases.items).toHaveLength(1);
    later.restore("bob demo");
    expect(later.contents.releases.items).toBeUndefined();
  });

  it.each(["text", null, { identity: "me" }, { identity: "me", contents: { releases: { items: "x" }, promotions: 7 } }])(
    "takes nothing from a memory that is not sound: %j",
    async (value) => {
      const { store, kept } = await storeAt({ said: {} });
      kept.value = value;
      store.restore("me");
      expect(store.contents.releases.items).toBeUndefined();
    },
  );

  it("an answer that comes after somebody signed out is not shown", async () => {
    const { store, kept } = await storeAt({ said: {} });
    const coming = store.refresh("me");
    store.forget();
    await coming;
    expect(store.contents.releases.items).toBeUndefined();
    expect(kept.value).toBeUndefined();
  });

  it("a listing that is refused is no longer shown", async () => {
    const says: { said: Said } = { said: {} };
    const { store } = await storeAt(says);
    await store.refresh("me");
    says.said = { status: 403 };
    await store.refresh("me");
    expect(store.contents.releases).toEqual({ failure: { kind: "forbidden" } });
  });
});

describe("a view's state", () => {
  const cases = [
    ["notConfigured", {}, { ...HERE, configured: false }],
    ["loading", {}, { ...HERE, signedIn: undefined }],
    ["signedOut", {}, { ...HERE, signedIn: false }],
    ["signedOut", { items: [], failure: { kind: "unauthenticated" } }, HERE],
    ["scopeMissing", {}, { ...HERE, scopes: [] }],
    ["scopeMissing", { failure: { kind: "forbidden" } }, HERE],
    ["notOffered", { failure: { kind: "not-offered" } }, HERE],
    ["loading", {}, HERE],
    ["empty", { items: [] }, HERE],
    ["offline", { items: [], at: 1, failure: { kind: "unreachable" } }, HERE],
    ["offlineEmpty", { failure: { kind: "unreachable" } }, HERE],
    ["ready", { items: [1], at: 1 }, HERE],
  ] as const;
  it.each(cases)("%s: %j", (state, slice, presence) => expect(stateOf(slice as never, presence, "release:read")).toBe(state));

  it("one server away is offline, one with a fault an error, one that offers less is neither", () => {
    const standing = (...kinds: string[]) => standingOf(kinds.map((kind) => ({ items: [], failure: { kind } })) as never, HERE);
    expect([standing("unreachable", "not-offered"), standing("server-error"), standing("not-offered")]).toEqual(["offline", "error", "online"]);
  });
});

describe("polling", () => {
  it("waits twice as long after each failure, at most a quarter of an hour, a fifth more or less", () => {
    expect([0, 1, 2, 3].map((failures) => waitSeconds(30, failures))).toEqual([30, 60, 120, 240]);
    expect(waitSeconds(30, 50)).toBe(900);
    expect([waitSeconds(30, 1, 0, 0), waitSeconds(30, 1, 0, 1)]).toEqual([48, 72]);
    expect(waitSeconds(30, 1, 500)).toBe(500);
    expect(waitSeconds(3600, 3)).toBe(3600);
  });

  it("asks nothing while nobody looks, and what is due once somebody does", async () => {
    let runs = 0;
    const ran = new Promise<void>((resolve) => {
      const poller = new Poller({ run: () => Promise.resolve({ ok: (runs += 1) > 0 }), intervalSeconds: () => 0.001 });
      const seen: number[] = [];
      setImmediate(() => {
        seen.push(runs);
        poller.look(true);
        const wait = setInterval(() => {
          if (runs < 3) return;
          clearInterval(wait);
          poller.look(false);
          expect(seen).toEqual([0]);
          poller.dispose();
          resolve();
        }, 1);
      });
    });
    await ran;
    expect(runs).toBeGreaterThanOrEqual(3);
  });

  it("joins a run under way", async () => {
    let runs = 0;
    const poller = new Poller({ run: () => Promise.resolve({ ok: (runs += 1) > 0 }), intervalSeconds: () => 30 });
    await Promise.all([poller.now(), poller.now()]);
    expect(runs).toBe(1);
    poller.dispose();
  });
});
