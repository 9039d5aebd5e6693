/** A server as it may be: away, slow, broken off, refusing. Nothing throws, and nobody is signed out by an outage. */

import { describe, expect, it } from "vitest";

import { createTransport } from "../../src/core/http/transport";
import { personAt } from "../support/person";
import { serverThat, tokenOf, type Said, type Seen } from "../support/servers";

const RELEASES = [{ id: "rel-1", name: "checkout" }];
const renewed = { access_token: tokenOf({ sub: "alice", n: 2 }), token_type: "Bearer", expires_in: 900, refresh_token: "second" };
const isToken = ({ path }: Seen): boolean => path === "/oauth/token";
const isDiscovery = ({ path }: Seen): boolean => path.startsWith("/.well-known");
const calls = (seen: Seen[]): Seen[] => seen.filter((one) => !isToken(one) && !isDiscovery(one));

/** An Authority that renews as told, and a platform that takes only the renewed token. */
function afterRenewal(token: Said, taken = true): (seen: Seen) => Said {
  return (one) => {
    if (isDiscovery(one)) return { status: 404 };
    if (isToken(one)) return token;
    const good = one.headers.authorization === `Bearer ${renewed.access_token}`;
    return good && taken ? { body: RELEASES } : { status: 401, body: { error: { code: "UNAUTHENTICATED", message: "Expired." } } };
  };
}

describe("a token that is not taken", () => {
  it("is renewed once, and the call made again", async () => {
    const server = await serverThat(afterRenewal({ body: renewed }));
    const { platform, session } = await personAt(server);
    expect(await platform.releases()).toEqual({ kind: "ok", value: RELEASES });
    expect(server.seen.filter(isToken)).toHaveLength(1);
    expect((await session.current())?.refreshToken).toBe("second");
  });

  it("is renewed once for calls made at once", async () => {
    const server = await serverThat(afterRenewal({ body: renewed }));
    const { platform } = await personAt(server);
    const all = await Promise.all([platform.releases(), platform.environments(), platform.promotions()]);
    expect(all.map(({ kind }) => kind)).toEqual(["ok", "ok", "ok"]);
    expect(server.seen.filter(isToken)).toHaveLength(1);
  });

  it("is not renewed a second time where the new one is not taken either", async () => {
    const server = await serverThat(afterRenewal({ body: renewed }, false));
    const { platform } = await personAt(server);
    expect(await platform.releases()).toMatchObject({ kind: "unauthenticated", message: "Expired." });
    expect(server.seen.filter(isToken)).toHaveLength(1);
    expect(calls(server.seen)).toHaveLength(2);
  });

  it("ends the sign-in where it cannot be renewed", async () => {
    const server = await serverThat(afterRenewal({ status: 400, body: { error: "invalid_grant" } }));
    const { platform, session, secrets } = await personAt(server);
    expect((await platform.releases()).kind).toBe("unauthenticated");
    expect(await session.current()).toBeUndefined();
    expect(secrets.value).toBeUndefined();
    await platform.releases();
    expect(calls(server.seen)).toHaveLength(1);
  });

  it.each([{ status: 500 }, { status: 429, headers: { "Retry-After": "9" } }, { hang: true }, { body: '{"access_tok' }])(
    "does not end the sign-in where the Authority is away: %j",
    async (token: Said) => {
      const server = await serverThat(afterRenewal(token));
      const { platform, session } = await personAt(server);
      expect((await platform.releases()).kind).toBe("unreachable");
      expect((await session.current())?.refreshToken).toBe("first");
    },
  );

  it("is renewed before it ends, without a refusal first", async () => {
    const server = await serverThat(afterRenewal({ body: renewed }));
    const { platform, clock } = await personAt(server);
    clock.now += 880_000;
    expect((await platform.releases()).kind).toBe("ok");
    expect(calls(server.seen)).toHaveLength(1);
  });

  it("is not sent to an Authority set later", async () => {
    const server = await serverThat(() => ({ body: RELEASES }));
    const { secrets, platform, session } = await personAt(server);
    secrets.value = (secrets.value ?? "").replace(server.url, "https://another.example");
    expect(await session.current()).toBeUndefined();
    expect((await platform.releases()).kind).toBe("unauthenticated");
    expect(server.seen).toEqual([]);
  });
});

describe("an answer", () => {
  const cases: [string, Said, object][] = [
    ["a bare array", { body: RELEASES }, { kind: "ok", value: RELEASES }],
    ["data", { body: { data: RELEASES } }, { kind: "ok", value: RELEASES }],
    ["a full envelope", { body: { success: true, data: RELEASES, meta: { total: 1 } } }, { kind: "ok", value: RELEASES, total: 1 }],
    ["403", { status: 403, body: { error: { code: "SCOPE", message: "Needs release:read." } } }, { kind: "forbidden", message: "Needs release:read." }],
    ["429", { status: 429, headers: { "Retry-After": "7" } }, { kind: "rate-limited", retryAfterSeconds: 7 }],
    ["404 on a listing", { status: 404 }, { kind: "not-offered" }],
    ["501 on a listing", { status: 501 }, { kind: "not-offered" }],
    ["half of the JSON", { body: '{"data":[{"id":' }, { kind: "unreadable" }],
    ["a connection broken off", { body: RELEASES, breakAfter: 5 }, { kind: "unreachable" }],
    ["a server that hangs", { hang: true }, { kind: "unreachable", message: "ETIMEDOUT" }],
    ["a redirect, which is not followed", { status: 302, headers: { Location: "http://evil.example/" } }, { kind: "server-error" }],
  ];
  it.each(cases)("%s", async (_name, said, expected) => {
    const server = await serverThat(() => said);
    const { platform } = await personAt(server);
    expect(await platform.releases()).toMatchObject(expected);
  });

  it("a server that is not there", async () => {
    const server = await serverThat(() => ({}));
    const { platform } = await personAt(server);
    await server.stop();
    expect(await platform.releases()).toMatchObject({ kind: "unreachable", message: expect.stringContaining("ECONNREFUSED") as unknown });
  });

  it("a call that is cancelled ends at once", async () => {
    const stop = new AbortController();
    const server = await serverThat(() => (stop.abort(), { hang: true }));
    const { platform } = await personAt(server);
    expect((await platform.releases(stop.signal)).kind).toBe("cancelled");
    expect((await platform.releases(stop.signal)).kind).toBe("cancelled");
  });

  it("an address that is none is a failure, not a throw", async () => {
    expect(await createTransport()({ method: "GET", url: "https://[" })).toMatchObject({ kind: "unreachable" });
  });

  it("is logged without token and without query", async () => {
    const server = await serverThat(() => ({ body: [] }));
    const { platform, lines, accessToken } = await personAt(server);
    await platform.environments();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^GET http:\/\/127\.0\.0\.1:\d+\/api\/v1\/environments 200 \(\d+ ms\)$/);
    expect(lines.join()).not.toContain(accessToken);
  });
});

describe("the hub", () => {
  const one = { id: "i-1", name: "harbor", type: "harbor", status: "healthy", config: { url: "https://h" }, authRefUri: "authref://v/x" };

  it("is read page by page, without config and AuthRef", async () => {
    const server = await serverThat(({ path }) =>
      path.includes("page_token=next")
        ? { body: { items: [{ ...one, id: "i-2" }, { id: "half" }], nextPageToken: null } }
        : { body: { items: [one], nextPageToken: "next" } },
    );
    const { hub } = await personAt(server);
    const listed = await hub.integrations();
    expect(listed).toMatchObject({ kind: "ok", value: [{ id: "i-1" }, { id: "i-2" }] });
    expect(JSON.stringify(listed)).not.toMatch(/authref|config/);
  });

  it.each([404, 501])("that does not offer the listing: %i", async (status) => {
    const { hub } = await personAt(await serverThat(() => ({ status })));
    expect(await hub.integrations()).toEqual({ kind: "not-offered" });
  });

  it("tells a check of an unhealthy integration as an answer", async () => {
    const steps = [{ name: "connect", status: "failed", durationMs: 3, reason: "connect_error", evidence: "refused", remedy: "Start it." }];
    const { hub } = await personAt(await serverThat(() => ({ body: { status: "unhealthy", steps } })));
    expect(await hub.check("i-1")).toMatchObject({ kind: "ok", value: { status: "unhealthy", steps } });
  });
});
