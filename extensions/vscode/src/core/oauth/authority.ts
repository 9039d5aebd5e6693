/** The Authority: where its endpoints are, and the calls a program without a secret makes there. */

import { isObject, parsed } from "../http/answers";
import type { Failure } from "../http/outcome";
import { isAnswer, type Answer, type Transport } from "../http/transport";
import { cleaned } from "../text";
import { readTokens, type Grant, type TokenOutcome } from "./tokenAnswer";

export interface AuthorityOptions {
  readonly url: string;
  readonly tokenPath: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
}

export interface Endpoints {
  readonly issuer: string;
  readonly issPromised: boolean;
  readonly authorize: string;
  readonly device: string;
  readonly token: string;
  readonly revoke: string | undefined;
}

export interface Device {
  readonly deviceCode: string;
  readonly userCode: string;
  readonly page: string;
  readonly intervalSeconds: number;
  readonly expiresInSeconds: number;
}

/** One token is asked for both servers. */
export const AUDIENCE = "stella-platform integrations-hub";

export class Authority {
  constructor(
    readonly options: AuthorityOptions,
    private readonly send: Transport,
  ) {}

  /** Return the endpoints of the discovery document, or where they usually are. */
  async endpoints(signal?: AbortSignal): Promise<Endpoints> {
    const base = this.options.url.replace(/\/+$/, "");
    const url = `${base}/.well-known/openid-configuration`;
    const answer = await this.send({ method: "GET", url, ...(signal ? { signal } : {}) });
    const document = isAnswer(answer) && answer.status === 200 ? parsed(answer.body) : undefined;
    const told = isObject(document) ? document : {};
    // an endpoint elsewhere would be given the codes and tokens of this one
    const at = (name: string, path: string): string => {
      const said = told[name];
      return typeof said === "string" && sameOrigin(said, base) ? said : base + path;
    };
    return {
      issuer: typeof told["issuer"] === "string" ? told["issuer"] : base,
      issPromised: told["authorization_response_iss_parameter_supported"] === true,
      authorize: at("authorization_endpoint", "/oauth/authorize"),
      device: at("device_authorization_endpoint", "/oauth/device_authorization"),
      token: at("token_endpoint", this.options.tokenPath),
      revoke: "revocation_endpoint" in told ? at("revocation_endpoint", "/oauth/revoke") : undefined,
    };
  }

  authorizeUrl(endpoints: Endpoints, redirectUri: string, state: string, challenge: string, tenant?: string): string {
    const url = new URL(endpoints.authorize);
    const asked = {
      response_type: "code",
      client_id: this.options.clientId,
      redirect_uri: redirectUri,
      scope: this.options.scopes.join(" "),
      audience: AUDIENCE,
      state,
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...(tenant === undefined ? {} : { tenant }),
    };
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
    return url.href;
  }

  /** Ask for tokens; a path that is not there is tried once under its other name. */
  async tokens(
    endpoints: Endpoints,
    grant: Grant,
    fields: Record<string, string>,
    kept: string | null,
    signal?: AbortSignal,
  ): Promise<TokenOutcome> {
    const body = { grant_type: grant, client_id: this.options.clientId, ...fields };
    const ask = async (url: string): Promise<TokenOutcome> => {
      const path = new URL(url).pathname;
      return readTokens(await this.post(url, body, signal), { grant, path, scopes: this.options.scopes, kept });
    };
    const first = await ask(endpoints.token);
    return first.outcome === "try" ? ask(new URL(first.path, endpoints.token).href) : first;
  }

  /** Begin a sign-in on another device (RFC 8628 §3.1). */
  async device(endpoints: Endpoints, tenant?: string, signal?: AbortSignal): Promise<Device | { message: string }> {
    const fields = { scope: this.options.scopes.join(" "), audience: AUDIENCE, ...(tenant ? { tenant } : {}) };
    const answer = await this.post(endpoints.device, { client_id: this.options.clientId, ...fields }, signal);
    if (!isAnswer(answer)) return { message: answer.message ?? answer.kind };
    const body = parsed(answer.body);
    const told = isObject(body) ? body : {};
    const [device, user, page] = [told["device_code"], told["user_code"], told["verification_uri"]];
    if (typeof device !== "string" || typeof user !== "string" || typeof page !== "string" || !/^https?:/.test(page)) {
      const why = told["error_description"];
      return { message: typeof why === "string" ? cleaned(why) : String(answer.status) };
    }
    const complete = told["verification_uri_complete"];
    return {
      deviceCode: device,
      userCode: cleaned(user),
      page: typeof complete === "string" && /^https?:/.test(complete) ? complete : page,
      intervalSeconds: positive(told["interval"], 5),
      expiresInSeconds: positive(told["expires_in"], 600),
    };
  }

  /** End a sign-in at the Authority too (RFC 7009); out of reach, it ends by itself. */
  async revoke(refreshToken: string): Promise<void> {
    const { revoke } = await this.endpoints();
    const fields = { token: refreshToken, token_type_hint: "refresh_token", client_id: this.options.clientId };
    if (revoke !== undefined) await this.post(revoke, fields);
  }

  private post(url: string, fields: Record<string, string>, signal?: AbortSignal): Promise<Answer | Failure> {
    const headers = { "Content-Type": "application/x-www-form-urlencoded", Accept: "application/json" };
    const body = new URLSearchParams(fields).toString();
    return this.send({ method: "POST", url, headers, body, ...(signal ? { signal } : {}) });
  }
}

function sameOrigin(one: string, other: string): boolean {
  return URL.canParse(one) && new URL(one).origin === new URL(other).origin;
}

function positive(value: unknown, otherwise: number): number {
  return typeof value === "number" && value > 0 ? value : otherwise;
}
