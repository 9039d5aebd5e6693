/** Where the servers are, as settings say; what is no safe address is refused before anything is sent. */

import { say } from "./words";

export type Address = { readonly url: string | undefined } | { readonly refused: string };

const LOOPBACK = ["127.0.0.1", "[::1]", "localhost"];

/** Whether it is told as it is (no user name before it), and nobody on the way can change what stands there. */
export function isSafe({ protocol, hostname, username, password }: URL): boolean {
  if (username || password) return false;
  return protocol === "https:" || (protocol === "http:" && LOOPBACK.includes(hostname));
}

/** Read an address: https, or http on this computer; empty is none. */
export function addressOf(text: string): Address {
  const trimmed = text.trim();
  if (trimmed === "") return { url: undefined };
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    return { refused: say("It must be an address that begins with https://.") };
  }
  if (url.username || url.password) return { refused: say("It must hold no user name and no password.") };
  if (url.search || url.hash) return { refused: say("It must end with its path: no ? and no #.") };
  if (!isSafe(url)) {
    return { refused: say("It must begin with https://; http:// is for this computer alone (127.0.0.1, [::1], localhost).") };
  }
  return { url: url.href.replace(/\/+$/, "") };
}
