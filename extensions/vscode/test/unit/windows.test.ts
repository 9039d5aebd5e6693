/** Several windows, one sign-in: a refresh token is good once, and one used twice ends the sign-in for all of them. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { FileClaims } from "../../src/core/oauth/claims";
import { Session } from "../../src/core/oauth/session";
import { authorityAt, SCOPES, Secrets } from "../support/person";
import { serverThat, tokenOf, type Running, type Said, type Seen } from "../support/servers";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "windows-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** An Authority that rotates, and that ends a sign-in whose token comes a second time. */
class Rotating {
  current = "r-0";
  ended = false;
  uses = 0;
  revoked: string[] = [];
  /** What happens before it answers a renewal. */
  meanwhile: () => Promise<Said | undefined> = () => Promise.resolve(undefined);

  answer = async ({ path, body }: Seen): Promise<Said> => {
    const fields = new URLSearchParams(body);
    if (path.startsWith("/.well-known")) return { body: { revocation_endpoint: "told" } };
    if (path === "/oauth/revoke") return (this.revoked.push(fields.get("token") ?? ""), {});
    this.uses += 1;
    const instead = await this.meanwhile();
    if (instead) return instead;
    this.ended ||= fields.get("refresh_token") !== this.current;
    if (this.ended) return { status: 400, body: { error: "invalid_grant" } };
    this.current = `r-${this.uses}`;
    return { body: { access_token: tokenOf({ n: this.uses }), token_type: "Bearer", expires_in: 900, refresh_token: this.current } };
  };
}

const soon = (): Promise<undefined> => new Promise((passed) => setTimeout(() => passed(undefined), 40));

async function signedIn(): Promise<{ authority: Rotating; server: Running; secrets: Secrets; window: (secrets?: Secrets, own?: string) => Session }> {
  const authority = new Rotating();
  const server = await serverThat(authority.answer);
  const secrets = new Secrets();
  const window = (its = secrets, own = folder): Session =>
    new Session(its, () => authorityAt(server.url), new FileClaims(own), Date.now, 5);
  // so short a life that the first thing anybody needs is a new token
  await window().keep({ accessToken: tokenOf({ n: 0 }), refreshToken: "r-0", scopes: SCOPES, expiresInSeconds: 1 });
  return { authority, server, secrets, window };
}

describe("two windows", () => {
  it("that renew at the same moment use the token once, and both go on", async () => {
    const { authority, secrets, window } = await signedIn();
    authority.meanwhile = soon;
    const tokens = await Promise.all([window().token(), window().token(), window().token()]);
    expect(tokens).toEqual(Array(3).fill({ token: tokenOf({ n: 1 }) }));
    expect([authority.uses, authority.ended]).toEqual([1, false]);
    expect(secrets.value).toContain("r-1");
  });

  it("of which one sees late what the other stored wait for it", async () => {
    const { authority, secrets, window } = await signedIn();
    const late = new Secrets();
    late.value = secrets.value;
    await window().token();
    setTimeout(() => (late.value = secrets.value), 30);
    expect(await window(late).token()).toEqual({ token: tokenOf({ n: 1 }) });
    expect(authority.uses).toBe(1);
  });

  it("of which one never sees it leave the sign-in alone", async () => {
    const { authority, secrets, window } = await signedIn();
    const apart = new Secrets();
    apart.value = secrets.value;
    await window().token();
    expect(await window(apart).token()).toEqual({ none: "offline", message: "Another window renewed the sign-in. Reload this one." });
    expect(apart.value).toContain("r-0");
    expect([authority.uses, authority.ended]).toEqual([1, false]);
  });

  it("on two machines, of which one used the token first, use what it stored", async () => {
    const { authority, secrets, window } = await signedIn();
    const late = new Secrets();
    late.value = secrets.value;
    await window().token();
    // that the Authority ends the sign-in is not ours to mend: the newer token holds as long as it does
    authority.meanwhile = () => Promise.resolve(void setTimeout(() => (late.value = secrets.value), 20));
    expect(await window(late, join(folder, "other")).token()).toEqual({ token: tokenOf({ n: 1 }) });
    expect(late.value).toContain("r-1");
  });

  it("of which one ended while it renewed: the other does it after a while", async () => {
    const { authority, window } = await signedIn();
    await new FileClaims(folder).take("r-0");
    expect(await window().token()).toMatchObject({ none: "offline" });
    expect(authority.uses).toBe(0);
    const [claim] = readdirSync(folder);
    const then = Date.now() / 1000 - 120;
    utimesSync(join(folder, claim ?? ""), then, then);
    expect(await window().token()).toEqual({ token: tokenOf({ n: 1 }) });
  });

  it("may try a token again that no Authority saw", async () => {
    const { authority, window } = await signedIn();
    authority.meanwhile = () => Promise.resolve({ status: 503 });
    expect(await window().token()).toMatchObject({ none: "offline" });
    authority.meanwhile = () => Promise.resolve(undefined);
    expect(await window().token()).toEqual({ token: tokenOf({ n: 2 }) });
  });

  it("that can write nowhere still renew", async () => {
    const { authority, secrets, window } = await signedIn();
    const file = join(folder, "file");
    writeFileSync(file, "");
    expect(await window(secrets, join(file, "below")).token()).toEqual({ token: tokenOf({ n: 1 }) });
    expect(authority.uses).toBe(1);
  });
});

it("a sign-out while a token is renewed stays one", async () => {
  const { authority, secrets, window } = await signedIn();
  authority.meanwhile = async () => void (await window().end());
  expect(await window().token()).toEqual({ none: "signed-out" });
  expect(secrets.value).toBeUndefined();
  expect(authority.revoked).toEqual(["r-0", "r-1"]);
});

it("a sign-in as somebody else while a token is renewed is not written over", async () => {
  const { authority, secrets, window } = await signedIn();
  const bob = { accessToken: tokenOf({ sub: "bob" }), refreshToken: "b-0", scopes: SCOPES, expiresInSeconds: 900 };
  authority.meanwhile = async () => void (await window().keep(bob));
  expect(await window().token()).toEqual({ token: bob.accessToken });
  expect(secrets.value).toContain("b-0");
});

it("what the windows tell each other holds no token, and does not grow for ever", async () => {
  const { window } = await signedIn();
  await window().token();
  const claims = new FileClaims(folder);
  expect(readdirSync(folder).map((name) => name + readFileSync(join(folder, name), "utf8")).join()).not.toMatch(/r-0|r-1/);
  const old = Date.now() / 1000 - 3 * 24 * 3600;
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
  await claims.take("another");
  await claims.used("another");
  expect(readdirSync(folder)).toHaveLength(1);
});
