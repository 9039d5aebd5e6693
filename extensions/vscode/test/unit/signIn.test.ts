/** Signing in, and what somebody else may try at the port that waits. */

import * as http from "node:http";

import { describe, expect, it } from "vitest";

import { signInByBrowser, signInByDevice, SignInStopped } from "../../src/core/oauth/signIn";
import { authorityAt } from "../support/person";
import { serverThat, tokenOf, type Said, type Seen } from "../support/servers";

const TOKENS = { access_token: tokenOf({ sub: "alice" }), token_type: "Bearer", expires_in: 900, refresh_token: "r" };
const never = new AbortController().signal;

/** Open a page as a browser does, without following where it leads. */
function visit(url: string): Promise<{ status: number; location: string; body: string }> {
  return new Promise((resolve, reject) => {
    http.get(url, { agent: false }, (answer) => {
      let body = "";
      answer.on("data", (part: Buffer) => (body += part.toString()));
      answer.on("end", () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? "", body }));
    }).on("error", reject);
  });
}

const authority = (token: (seen: Seen) => Said) =>
  serverThat((seen) => (seen.path === "/oauth/token" ? token(seen) : { status: 404 }));

describe("by the browser", () => {
  it("sends PKCE, state and both audiences, and trades the code with the verifier", async () => {
    const server = await authority(() => ({ body: TOKENS }));
    let asked = new URL("http://unset");
    const outcome = await signInByBrowser(authorityAt(server.url), async (url) => {
      const { location } = await visit(url);
      asked = new URL(location);
      const back = `${asked.searchParams.get("redirect_uri")}?code=c-1&state=${asked.searchParams.get("state")}`;
      expect((await visit(back)).body).toContain("You are signed in");
    }, never, "demo");
    expect(outcome).toMatchObject({ outcome: "signed-in", tokens: { refreshToken: "r" } });
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: "code", code_challenge_method: "S256", tenant: "demo", audience: "stella-platform integrations-hub",
    });
    const sent = new URLSearchParams(server.seen.at(-1)?.body);
    expect(sent.get("code")).toBe("c-1");
    expect(sent.get("code_verifier")?.length).toBeGreaterThanOrEqual(43);
  });

  it("is not ended by a code with another state, nor led on without the nonce", async () => {
    const server = await authority(() => ({ body: TOKENS }));
    const outcome = await signInByBrowser(authorityAt(server.url), async (url) => {
      const base = new URL(url).origin;
      expect((await visit(`${base}/signin?nonce=guessed`)).status).toBe(404);
      expect((await visit(`${base}/callback?code=stolen&state=guessed`)).status).toBe(400);
      expect((await visit(`${base}/callback?error=access_denied`)).status).toBe(400);
      const state = new URL((await visit(url)).location).searchParams.get("state");
      await visit(`${base}/callback?code=mine&state=${state}`);
    }, never);
    expect(outcome.outcome).toBe("signed-in");
    expect(new URLSearchParams(server.seen.at(-1)?.body).get("code")).toBe("mine");
  });

  it("shows nothing of what came back on its page", async () => {
    const server = await authority(() => ({ body: TOKENS }));
    const outcome = await signInByBrowser(authorityAt(server.url), async (url) => {
      const state = new URL((await visit(url)).location).searchParams.get("state");
      const told = "%3Cscript%3Ealert(1)%3C/script%3E";
      const page = await visit(`${new URL(url).origin}/callback?error=x&error_description=${told}&state=${state}`);
      expect(page.body).not.toContain("script");
    }, never);
    expect(outcome.outcome).toBe("failed");
  });

  it("can be cancelled, and its port is closed then", async () => {
    const server = await authority(() => ({}));
    const stop = new AbortController();
    let port = "";
    const coming = signInByBrowser(authorityAt(server.url), (url) => {
      port = url;
      stop.abort();
      return Promise.resolve();
    }, stop.signal);
    await expect(coming).rejects.toBeInstanceOf(SignInStopped);
    await expect(visit(port)).rejects.toThrow();
  });

  it("uses the other token path where the first is not there", async () => {
    const server = await serverThat(({ path }) => (path === "/token" ? { body: TOKENS } : { status: 404 }));
    const outcome = await signInByBrowser(authorityAt(server.url), async (url) => {
      const state = new URL((await visit(url)).location).searchParams.get("state");
      await visit(`${new URL(url).origin}/callback?code=c&state=${state}`);
    }, never);
    expect(outcome.outcome).toBe("signed-in");
  });

  it("sends no code to an endpoint of another origin, whatever the discovery document says", async () => {
    const server = await serverThat(() => ({
      body: { issuer: "x", token_endpoint: "https://evil.example/token", authorization_endpoint: "javascript:alert(1)" },
    }));
    const endpoints = await authorityAt(server.url).endpoints();
    expect([endpoints.token, endpoints.authorize]).toEqual([`${server.url}/oauth/token`, `${server.url}/oauth/authorize`]);
  });
});

describe("by a code on another device", () => {
  const device = { device_code: "d", user_code: "ABCD-EFGH", verification_uri: "http://127.0.0.1/device", interval: 0.01 };

  it("asks until the person has decided", async () => {
    let times = 0;
    const server = await serverThat(({ path }) => {
      if (path === "/oauth/device_authorization") return { body: device };
      if (path !== "/oauth/token") return { status: 404 };
      times += 1;
      return times < 3 ? { status: 400, body: { error: "authorization_pending" } } : { body: TOKENS };
    });
    const shown: string[] = [];
    const outcome = await signInByDevice(authorityAt(server.url), ({ userCode }) => shown.push(userCode), never);
    expect(outcome.outcome).toBe("signed-in");
    expect([shown, times]).toEqual([["ABCD-EFGH"], 3]);
  });

  it("says why where the Authority gives no code", async () => {
    const server = await serverThat(() => ({ status: 400, body: { error: "x", error_description: "No devices\nhere." } }));
    const outcome = await signInByDevice(authorityAt(server.url), () => undefined, never);
    expect(outcome).toEqual({ outcome: "failed", message: "No devices here." });
  });

  it("opens no page that is not one of the web", async () => {
    const server = await serverThat(() => ({ body: { ...device, verification_uri: "file:///etc/passwd" } }));
    expect((await signInByDevice(authorityAt(server.url), () => undefined, never)).outcome).toBe("failed");
  });
});
