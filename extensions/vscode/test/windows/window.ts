/** One of several windows, as a process of its own: it renews when it is told to, and tells what came of it. */

import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTransport } from "../../src/core/http/transport";
import { Authority } from "../../src/core/oauth/authority";
import { FileClaims } from "../../src/core/oauth/claims";
import { Session } from "../../src/core/oauth/session";

const [folder = "", url = ""] = process.argv.slice(2);
const options = { url, tokenPath: "/oauth/token", clientId: "vscode-stella-ops", scopes: [] };
const authority = new Authority(options, createTransport());
const kept = join(folder, "secret");

/** A secret store all windows share; what is stored is there whole or not at all. */
const secrets = {
  get: () => Promise.resolve(existsSync(kept) ? readFileSync(kept, "utf8") : undefined),
  set: (value: string) => {
    writeFileSync(`${kept}.${process.pid}`, value);
    return Promise.resolve(renameSync(`${kept}.${process.pid}`, kept));
  },
  clear: () => Promise.resolve(rmSync(kept, { force: true })),
};
const session = new Session(secrets, () => authority, new FileClaims(join(folder, "renewals")));

process.on("message", (refused: string) => {
  void session.token(refused).then((told) => process.send?.(told));
});
process.send?.("ready");
