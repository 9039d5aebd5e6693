/** The two ways to sign in: a browser on this computer, or a code entered on any other. */

import { createHash, randomBytes } from "crypto";
import * as http from "http";
import type { AddressInfo } from "net";

import { say } from "../words";
import type { Authority, Device } from "./authority";
import { readRedirect } from "./redirect";
import { DEVICE_GRANT, type TokenOutcome } from "./tokenAnswer";

export type Opens = (url: string) => PromiseLike<unknown>;

const LONGEST_MS = 5 * 60_000;

export class SignInStopped extends Error {}

/** Sign in by authorization code and PKCE, the browser coming back to a port of this computer (RFC 8252 §7.3). */
export async function signInByBrowser(
  authority: Authority,
  open: Opens,
  signal: AbortSignal,
  tenant?: string,
): Promise<TokenOutcome> {
  const endpoints = await authority.endpoints(signal);
  const [state, nonce, verifier] = [random(), random(), random(48)];
  const server = http.createServer();
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
  });
  try {
    const redirectUri = `http://127.0.0.1:${port}/callback`;
    const challenge = createHash("sha256").update(verifier).digest("base64url");
    const asked = authority.authorizeUrl(endpoints, redirectUri, state, challenge, tenant);
    const returned = comesBack(server, { ...endpoints, state }, nonce, asked, signal);
    // a long address does not pass through every way a host opens one: a short one of our own leads to it
    await open(`http://127.0.0.1:${port}/signin?nonce=${nonce}`);
    const redirect = await returned;
    if (redirect.outcome !== "code") return { ...redirect, outcome: redirect.outcome as "refused" | "failed" };
    const fields = { code: redirect.code, redirect_uri: redirectUri, code_verifier: verifier };
    return await authority.tokens(endpoints, "authorization_code", fields, null, signal);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

type Returned = ReturnType<typeof readRedirect>;

function comesBack(
  server: http.Server,
  expected: { state: string; issuer: string; issPromised: boolean },
  nonce: string,
  asked: string,
  signal: AbortSignal,
): Promise<Returned> {
  return new Promise((resolve, reject) => {
    const stop = (why: string): void => reject(new SignInStopped(why));
    const timer = setTimeout(() => stop(say("Nobody signed in for five minutes.")), LONGEST_MS);
    signal.addEventListener("abort", () => stop(say("Sign-in was cancelled.")), { once: true });
    server.once("close", () => clearTimeout(timer));
    server.on("request", (request, response) => {
      const url = new URL(request.url ?? "/", "http://127.0.0.1");
      if (url.pathname === "/signin" && url.searchParams.get("nonce") === nonce) {
        response.writeHead(302, { Location: asked, "Cache-Control": "no-store", "Referrer-Policy": "no-referrer" });
        response.end();
      } else if (url.pathname === "/callback") {
        const redirect = readRedirect(url.search, expected);
        page(response, redirect);
        if (redirect.outcome !== "ignored") response.once("finish", () => resolve(redirect));
      } else {
        response.writeHead(404).end();
      }
    });
  });
}

function page(response: http.ServerResponse, { outcome }: Returned): void {
  const text = {
    code: say("You are signed in. You may close this page and go back to your editor."),
    refused: say("You refused the sign-in. You may close this page."),
    failed: say("The sign-in failed; your editor says why. You may close this page."),
    ignored: say("This sign-in was not begun by your editor."),
  }[outcome];
  response.writeHead(outcome === "ignored" ? 400 : 200, {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    Connection: "close",
  });
  const escaped = text.replace(/[&<]/g, (sign) => (sign === "&" ? "&amp;" : "&lt;"));
  response.end(
    `<!doctype html><meta charset="utf-8"><title>Stella Ops</title><style>:root{color-scheme:light dark}` +
      `body{font:1.1rem system-ui;margin:20vh auto;max-width:32em;padding:0 1em}</style><p>${escaped}</p>`,
  );
}

/** Sign in by a code the person enters on another device; `show` is told it and the page. */
export async function signInByDevice(
  authority: Authority,
  show: (device: Device) => unknown,
  signal: AbortSignal,
  tenant?: string,
): Promise<TokenOutcome> {
  const endpoints = await authority.endpoints(signal);
  const device = await authority.device(endpoints, tenant, signal);
  if (!("deviceCode" in device)) return { outcome: "failed", message: device.message };
  show(device);
  let interval = device.intervalSeconds;
  const until = Date.now() + device.expiresInSeconds * 1000;
  while (Date.now() < until) {
    await pause(interval * 1000, signal);
    const fields = { device_code: device.deviceCode };
    const outcome = await authority.tokens(endpoints, DEVICE_GRANT, fields, null, signal);
    if (outcome.outcome !== "wait") return outcome;
    interval += outcome.addSeconds;
  }
  return { outcome: "expired" };
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    const stop = (): void => {
      clearTimeout(timer);
      reject(new SignInStopped(say("Sign-in was cancelled.")));
    };
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
  });
}

function random(bytes = 24): string {
  return randomBytes(bytes).toString("base64url");
}
