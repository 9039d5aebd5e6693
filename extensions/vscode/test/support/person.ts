/** A person signed in at a server that is Authority and platform at once. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onTestFinished } from "vitest";

import { Caller } from "../../src/core/http/caller";
import { createTransport } from "../../src/core/http/transport";
import { Platform } from "../../src/core/http/platform";
import { Hub } from "../../src/core/http/hub";
import { Authority } from "../../src/core/oauth/authority";
import { FileClaims } from "../../src/core/oauth/claims";
import { Session } from "../../src/core/oauth/session";
import { tokenOf, type Running } from "./servers";

export const SCOPES = ["offline_access", "release:read"];

export function authorityAt(url: string, tokenPath = "/oauth/token"): Authority {
  return new Authority({ url, tokenPath, clientId: "vscode-stella-ops", scopes: SCOPES }, createTransport({ timeoutMs: 500 }));
}

export class Secrets {
  value: string | undefined;
  get = (): Promise<string | undefined> => Promise.resolve(this.value);
  set = (value: string): Promise<void> => Promise.resolve(void (this.value = value));
  clear = (): Promise<void> => Promise.resolve(void (this.value = undefined));
}

export async function personAt(server: Running, { expiresInSeconds = 900, refreshToken = "first" } = {}) {
  const secrets = new Secrets();
  const folder = mkdtempSync(join(tmpdir(), "claims-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const claims = new FileClaims(folder);
  const clock = { now: 1_800_000_000_000 };
  const session = new Session(secrets, () => authorityAt(server.url), claims, () => clock.now, 1);
  const accessToken = tokenOf({ sub: "alice", "stellaops:tenant": "demo", n: 1 });
  await session.keep({ accessToken, refreshToken, scopes: SCOPES, expiresInSeconds });
  const lines: string[] = [];
  const caller = new Caller(() => server.url, session, createTransport({ timeoutMs: 500 }), (line) => lines.push(line));
  return { session, secrets, clock, caller, platform: new Platform(caller), hub: new Hub(caller), lines, accessToken };
}
