/** Real servers on 127.0.0.1 that answer as a test says. */

import * as http from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach } from "vitest";

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export interface Said {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  /** Send this much of the body and break the connection; 0 sends nothing at all. */
  readonly breakAfter?: number;
  readonly hang?: boolean;
}

export interface Running {
  readonly url: string;
  readonly seen: Seen[];
  stop(): Promise<void>;
}

const running: Running[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));

export async function serverThat(says: (seen: Seen) => Said | Promise<Said>): Promise<Running> {
  const seen: Seen[] = [];
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const one = { method, path: url, headers, body: Buffer.concat(parts).toString() };
      seen.push(one);
      void Promise.resolve(says(one)).then((said) => answer(response, said));
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((stopped) => server.close(() => stopped()));
  };
  const it = { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, stop };
  running.push(it);
  return it;
}

function answer(response: http.ServerResponse, { status = 200, headers = {}, body, breakAfter, hang }: Said): void {
  if (hang) return;
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text), ...headers });
  if (breakAfter === undefined) response.end(text);
  else response.write(text.slice(0, breakAfter), () => response.destroy());
}

/** A token whose claims are read and that nothing takes for genuine. */
export function tokenOf(claims: Record<string, unknown>): string {
  return `x.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.x`;
}
