/** Who is signed in: keeps the tokens in a secret store, and has the access token renewed once, by one of all windows. */

import { isObject, parsed } from "../http/answers";
import { say } from "../words";
import type { Authority } from "./authority";
import type { Claims } from "./claims";
import type { TokenOutcome, Tokens } from "./tokenAnswer";

export interface SecretStore {
  get(): PromiseLike<string | undefined>;
  set(value: string): PromiseLike<void>;
  clear(): PromiseLike<void>;
}

export interface SignedIn {
  readonly id: string;
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly subject: string;
  readonly tenant: string;
  /** The Authority that gave the tokens; they are sent to no other. */
  readonly authority: string;
}

/** A token, or why there is none: `signed-out` for good, `offline` for now. */
export type Token = { readonly token: string } | { readonly none: "signed-out" | "offline"; readonly message?: string };

const EARLY_MS = 30_000;
/** How often to look for what another window stores, at most. */
const LOOKS = 50;

export class Session {
  private renewing: Promise<Token> | undefined;

  constructor(
    private readonly secrets: SecretStore,
    private readonly authority: () => Authority | undefined,
    private readonly claims: Claims,
    private readonly now: () => number = Date.now,
    private readonly lookEveryMs = 100,
  ) {}

  /** Return who is signed in at the Authority that is set; a half-written store is nobody. */
  async current(): Promise<SignedIn | undefined> {
    const kept = parsed((await this.secrets.get()) ?? "");
    if (!isObject(kept) || typeof kept["accessToken"] !== "string") return undefined;
    const signedIn = kept as unknown as SignedIn;
    return signedIn.authority === this.authority()?.options.url ? signedIn : undefined;
  }

  async keep(tokens: Tokens, before?: SignedIn): Promise<SignedIn> {
    const claims = claimsOf(tokens.accessToken);
    const signedIn: SignedIn = {
      id: before?.id ?? crypto.randomUUID(),
      accessToken: tokens.accessToken,
      refreshToken: tokens.refreshToken,
      scopes: tokens.scopes,
      expiresAt: this.now() + tokens.expiresInSeconds * 1000,
      subject: text(claims["sub"]) ?? before?.subject ?? "",
      tenant: text(claims["stellaops:tenant"]) ?? text(claims["tid"]) ?? before?.tenant ?? "",
      authority: this.authority()?.options.url ?? "",
    };
    await this.secrets.set(JSON.stringify(signedIn));
    return signedIn;
  }

  /** Return an access token that holds for a while yet; `refused` is one a server did not take. */
  async token(refused?: string): Promise<Token> {
    const signedIn = await this.current();
    if (signedIn === undefined) return { none: "signed-out" };
    const fresh = signedIn.expiresAt - EARLY_MS > this.now();
    if (fresh && signedIn.accessToken !== refused) return { token: signedIn.accessToken };
    this.renewing ??= this.renew(signedIn).finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  async end(): Promise<void> {
    const signedIn = await this.current();
    await this.secrets.clear();
    if (signedIn?.refreshToken) await this.authority()?.revoke(signedIn.refreshToken);
  }

  private async renew(signedIn: SignedIn): Promise<Token> {
    const [authority, { refreshToken }] = [this.authority(), signedIn];
    if (authority === undefined || refreshToken === null) return this.ended(signedIn);
    const claim = await this.claims.take(refreshToken);
    if (claim !== "ours") {
      const why = claim === "used" ? say("Another window renewed the sign-in. Reload this one.") : say("Another window renews the sign-in.");
      return (await this.newer(signedIn)) ?? { none: "offline", message: why };
    }
    const endpoints = await authority.endpoints();
    const outcome = await authority.tokens(endpoints, "refresh_token", { refresh_token: refreshToken }, refreshToken);
    const seen = outcome.outcome === "signed-in" || outcome.outcome === "signed-out";
    const settled = await this.settled(outcome, signedIn);
    await (seen ? this.claims.used(refreshToken) : this.claims.release(refreshToken));
    return settled;
  }

  private async settled(outcome: TokenOutcome, signedIn: SignedIn): Promise<Token> {
    const message = "message" in outcome ? { message: outcome.message } : {};
    if (outcome.outcome === "signed-out") return this.ended(signedIn, message);
    if (outcome.outcome !== "signed-in") return { none: "offline", ...message };
    const now = await this.current();
    if (now?.id === signedIn.id) return { token: (await this.keep(outcome.tokens, signedIn)).accessToken };
    // somebody signed out meanwhile, or in as another: what came too late is nobody's
    if (outcome.tokens.refreshToken !== null) await this.authority()?.revoke(outcome.tokens.refreshToken);
    return now === undefined ? { none: "signed-out" } : { token: now.accessToken };
  }

  private async ended(signedIn: SignedIn, message: { message?: string } = {}): Promise<Token> {
    // a window on another machine may have used the token before this one did
    const newer = await this.newer(signedIn);
    if (newer !== undefined) return newer;
    await this.secrets.clear();
    return { none: "signed-out", ...message };
  }

  /** Wait a little for what another window stores; undefined where nothing came. */
  private async newer({ refreshToken }: SignedIn): Promise<Token | undefined> {
    for (let look = 0; look < LOOKS; look += 1) {
      const now = await this.current();
      if (now === undefined) return { none: "signed-out" };
      if (now.refreshToken !== refreshToken) return { token: now.accessToken };
      await new Promise((passed) => setTimeout(passed, this.lookEveryMs));
    }
    return undefined;
  }
}

/** Read a token's claims to show them; whether it is genuine is for the servers to say. */
function claimsOf(token: string): Record<string, unknown> {
  const body = parsed(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
  return isObject(body) ? body : {};
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
