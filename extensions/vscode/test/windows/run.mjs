// Windows of one computer that renew one sign-in at the same moment, again and again, at a real Authority.
import assert from "node:assert/strict";
import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { build } from "esbuild";

const [folder, authority] = process.argv.slice(2);
const { access_token: accessToken, refresh_token: refreshToken } = JSON.parse(readFileSync(join(folder, "tokens.json"), "utf8"));
const signedIn = { id: "one", accessToken, refreshToken, scopes: [], expiresAt: 0, subject: "alice", tenant: "acme", authority };
writeFileSync(join(folder, "secret"), JSON.stringify(signedIn));

const script = join(folder, "window.cjs");
const entryPoints = [join(import.meta.dirname, "window.ts")];
await build({ entryPoints, outfile: script, bundle: true, platform: "node", format: "cjs", logLevel: "warning" });
const windows = [1, 2, 3, 4].map(() => fork(script, [folder, authority]));
for (const window of windows) window.once("exit", (code) => code && process.exit(code));
try {
  await Promise.all(windows.map((window) => once(window, "message")));
  let before = accessToken;
  for (let round = 0; round < 5; round += 1) {
    const coming = windows.map(async (window) => (await once(window, "message"))[0]);
    for (const window of windows) window.send(before);
    const tokens = new Set((await Promise.all(coming)).map((told) => told.token ?? JSON.stringify(told)));
    assert.equal(tokens.size, 1, [...tokens].join("\n"));
    const [now] = tokens;
    assert.match(now, /^eyJ/);
    assert.notEqual(now, before);
    before = now;
  }
} finally {
  for (const window of windows) window.kill();
}
