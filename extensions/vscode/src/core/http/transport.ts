/** One request over HTTP. Node's `http` and `https` are used because VS Code puts its proxy and certificates there. */

import * as http from "http";
import * as https from "https";
import * as tls from "tls";

import type { Failure } from "./outcome";

export interface Request {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export type Transport = (request: Request) => Promise<Answer | Failure>;

export interface TransportOptions {
  /** The whole of a request, in milliseconds. */
  readonly timeoutMs?: number;
  /** PEM certificates that are trusted beside the usual ones. */
  readonly extraCertificates?: () => string | undefined;
}

const LARGEST_BODY = 16 * 1024 * 1024;

export function isAnswer(outcome: Answer | Failure): outcome is Answer {
  return "status" in outcome;
}

/** Return a transport that ends every request in time, follows no redirect, and never throws. */
export function createTransport({ timeoutMs = 20_000, extraCertificates }: TransportOptions = {}): Transport {
  return (request) =>
    new Promise((settle) => {
      const options = { method: request.method, headers: request.headers ?? {} };
      const extra = extraCertificates?.();
      const trusted = extra === undefined ? {} : { ca: [...tls.rootCertificates, extra] };
      let sent: http.ClientRequest;
      const end = (outcome: Answer | Failure): void => {
        clearTimeout(timer);
        request.signal?.removeEventListener("abort", cancel);
        settle(outcome);
        sent.destroy();
      };
      const cancel = (): void => end({ kind: "cancelled" });
      const timer = setTimeout(() => end({ kind: "unreachable", message: "ETIMEDOUT" }), timeoutMs);
      try {
        sent = request.url.startsWith("https:")
          ? https.request(request.url, { ...options, ...trusted })
          : http.request(request.url, options);
      } catch (error) {
        clearTimeout(timer);
        settle({ kind: "unreachable", message: reasonOf(error) });
        return;
      }
      sent.on("error", (error) => end({ kind: "unreachable", message: reasonOf(error) }));
      sent.on("response", (response) => collect(response, end));
      if (request.signal?.aborted) return cancel();
      request.signal?.addEventListener("abort", cancel);
      sent.end(request.body);
    });
}

function collect(response: http.IncomingMessage, end: (outcome: Answer | Failure) => void): void {
  const parts: Buffer[] = [];
  let size = 0;
  response.on("data", (part: Buffer) => {
    parts.push(part);
    size += part.length;
    if (size > LARGEST_BODY) end({ kind: "unreadable", message: "EMSGSIZE" });
  });
  response.on("error", (error) => end({ kind: "unreachable", message: reasonOf(error) }));
  response.on("end", () => {
    const headers = Object.entries(response.headers).map(([name, value]) => [name, String(value)] as const);
    end({
      status: response.statusCode ?? 0,
      headers: Object.fromEntries(headers),
      body: Buffer.concat(parts).toString("utf8"),
    });
  });
}

/** Return why the network failed, a certificate's fault as the TLS library says it. */
function reasonOf(error: unknown): string {
  const { code, message, errors } = error as NodeJS.ErrnoException & { errors?: unknown[] };
  // a name with two addresses fails with one error per address
  if (errors?.length) return reasonOf(errors[0]);
  return message && message !== code ? message : (code ?? String(error));
}
