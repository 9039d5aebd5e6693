/** The core, wired to VS Code's secrets, memory, settings and windows. */

import * as vscode from "vscode";

import { Caller } from "../core/http/caller";
import { Hub } from "../core/http/hub";
import { Platform } from "../core/http/platform";
import { createTransport } from "../core/http/transport";
import { Authority } from "../core/oauth/authority";
import { FileClaims } from "../core/oauth/claims";
import { Session, type SignedIn } from "../core/oauth/session";
import { Poller } from "../core/poller";
import { standingOf, type Presence, type Standing } from "../core/standing";
import { Store } from "../core/store";
import * as settings from "./settings";

const SECRET = "stellaOps.session";
const MEMORY = "stellaOps.lastKnown";

export class Stella implements vscode.Disposable {
  readonly session: Session;
  readonly platform: Platform;
  readonly hub: Hub;
  readonly store: Store;
  signedIn: SignedIn | undefined;

  private asked = false;
  private readonly changes = new vscode.EventEmitter<void>();
  private readonly signIns = new vscode.EventEmitter<void>();
  private readonly poller: Poller;
  private readonly lookers = new Set<string>();
  private readonly disposables: vscode.Disposable[] = [this.changes, this.signIns];
  private readonly transport = createTransport({ extraCertificates: settings.extraCertificates });

  /** Something that is shown changed. */
  readonly onChange = this.changes.event;
  /** Somebody signed in or out, in this window or another. */
  readonly onSignIn = this.signIns.event;

  constructor(
    context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
  ) {
    const { secrets, globalState } = context;
    const secretStore = {
      get: () => secrets.get(SECRET),
      set: (value: string) => secrets.store(SECRET, value),
      clear: () => secrets.delete(SECRET),
    };
    const claims = new FileClaims(vscode.Uri.joinPath(context.globalStorageUri, "renewals").fsPath);
    this.session = new Session(secretStore, () => this.authority(), claims);
    const to = (url: () => string | undefined): Caller =>
      new Caller(url, this.session, this.transport, (line) => log.debug(line));
    this.platform = new Platform(to(() => settings.serverUrl("platformUrl")));
    this.hub = new Hub(to(() => settings.serverUrl("hubUrl")));
    const memory = { get: () => globalState.get(MEMORY), set: (kept: unknown) => globalState.update(MEMORY, kept) };
    this.store = new Store(this.platform, this.hub, memory);
    this.poller = new Poller({ run: () => this.refreshOnce(), intervalSeconds: settings.pollSeconds });
    this.disposables.push(
      this.store.onChange(() => this.changes.fire()),
      { dispose: () => this.poller.dispose() },
      secrets.onDidChange(({ key }) => key === SECRET && void this.meet()),
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(settings.SECTION)) void this.meet();
      }),
      vscode.window.onDidChangeWindowState(() => this.look()),
    );
  }

  authority(): Authority | undefined {
    const url = settings.serverUrl("authorityUrl");
    if (url === undefined) return undefined;
    const options = { url, tokenPath: settings.tokenPath(), clientId: settings.clientId(), scopes: settings.scopes() };
    return new Authority(options, this.transport);
  }

  /** See who is signed in, show what was last known to them, and ask for what is new. */
  async meet(): Promise<void> {
    const before = this.identity();
    this.signedIn = await this.session.current();
    const first = !this.asked;
    this.asked = true;
    for (const complaint of settings.complaints()) this.log.warn(complaint);
    if (first || before !== this.identity()) {
      if (this.signedIn === undefined) this.store.forget();
      else this.store.restore(this.identity());
      this.poller.reset();
      this.signIns.fire();
    }
    this.changes.fire();
    this.look();
  }

  /** Somebody begins or ceases to look at a view or an editor. */
  looking(who: string, looks: boolean): void {
    if (looks) this.lookers.add(who);
    else this.lookers.delete(who);
    this.look();
  }

  refresh(): Promise<void> {
    return this.poller.now();
  }

  presence(): Presence {
    const authority = settings.serverUrl("authorityUrl");
    const servers = settings.serverUrl("platformUrl") ?? settings.serverUrl("hubUrl");
    const signedIn = this.asked ? this.signedIn !== undefined : undefined;
    return { configured: Boolean(authority && servers), signedIn, scopes: this.signedIn?.scopes ?? [] };
  }

  standing(): Standing {
    return standingOf(Object.values(this.store.contents), this.presence());
  }

  may(scope: string): boolean {
    return this.signedIn?.scopes.includes(scope) ?? false;
  }

  dispose(): void {
    vscode.Disposable.from(...this.disposables).dispose();
  }

  private look(): void {
    const looks = this.lookers.size > 0 && vscode.window.state.focused && this.signedIn !== undefined;
    this.poller.look(looks);
  }

  private async refreshOnce(): Promise<{ ok: boolean; retryAfterSeconds?: number | undefined }> {
    if (this.signedIn === undefined) return { ok: true };
    const done = await this.store.refresh(this.identity());
    for (const { kind, message = "" } of this.store.failures()) this.log.info(`${kind} ${message}`);
    return done;
  }

  /** Name the person, the tenant and the servers: what is known to one is not shown to another. */
  private identity(): string {
    if (this.signedIn === undefined) return "";
    const { authority, tenant, subject } = this.signedIn;
    return JSON.stringify([subject, tenant, authority, settings.serverUrl("platformUrl"), settings.serverUrl("hubUrl")]);
  }
}
