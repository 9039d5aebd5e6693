/** Signing in: Stella Ops stands in VS Code's Accounts menu, with sign-out and what extensions may use it. */

import * as vscode from "vscode";

import type { Device } from "../core/oauth/authority";
import { signInByBrowser, signInByDevice, SignInStopped } from "../core/oauth/signIn";
import type { SignedIn } from "../core/oauth/session";
import type { TokenOutcome } from "../core/oauth/tokenAnswer";
import { say } from "../core/words";
import type { Stella } from "./stella";

export const PROVIDER = "stella-ops";

type Sessions = vscode.AuthenticationProviderAuthenticationSessionsChangeEvent;

export class StellaAuthentication implements vscode.AuthenticationProvider, vscode.Disposable {
  /** The tenant the next sign-in is for; without one the Authority asks. */
  tenant: string | undefined;

  private readonly emitter = new vscode.EventEmitter<Sessions>();
  readonly onDidChangeSessions = this.emitter.event;
  private shown: vscode.AuthenticationSession | undefined;
  private readonly registered: vscode.Disposable[];

  /** `local`: the extension runs on the person's own computer, whose browser reaches our port. */
  constructor(
    private readonly stella: Stella,
    private readonly local: boolean,
  ) {
    this.registered = [
      this.emitter,
      vscode.authentication.registerAuthenticationProvider(PROVIDER, say("Stella Ops"), this, {
        supportsMultipleAccounts: false,
      }),
      stella.onSignIn(() => this.told()),
    ];
  }

  async getSessions(): Promise<vscode.AuthenticationSession[]> {
    const signedIn = await this.stella.session.current();
    return signedIn === undefined ? [] : [sessionOf(signedIn)];
  }

  async createSession(): Promise<vscode.AuthenticationSession> {
    const authority = this.stella.authority();
    if (authority === undefined) throw new Error(say("Say where your servers are."));
    const outcome = await this.ask();
    if (outcome.outcome !== "signed-in") throw new Error(reasonOf(outcome));
    const signedIn = await this.stella.session.keep(outcome.tokens);
    await this.stella.meet();
    return sessionOf(signedIn);
  }

  async removeSession(): Promise<void> {
    await this.stella.session.end();
    await this.stella.meet();
  }

  dispose(): void {
    vscode.Disposable.from(...this.registered).dispose();
  }

  private async ask(): Promise<TokenOutcome> {
    const authority = this.stella.authority();
    const way = this.local ? "browser" : await chosenWay();
    if (authority === undefined || way === undefined) throw new SignInStopped(say("Sign-in was cancelled."));
    const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title: say("Signing in to Stella Ops") };
    return vscode.window.withProgress(options, (progress, cancelled) => {
      const stop = new AbortController();
      cancelled.onCancellationRequested(() => stop.abort());
      const show = (device: Device): void => {
        progress.report({ message: say("Enter the code {0} on the page.", device.userCode) });
        void showCode(device);
      };
      return way === "browser"
        ? signInByBrowser(authority, (url) => vscode.env.openExternal(vscode.Uri.parse(url)), stop.signal, this.tenant)
        : signInByDevice(authority, show, stop.signal, this.tenant);
    });
  }

  private told(): void {
    const now = this.stella.signedIn === undefined ? undefined : sessionOf(this.stella.signedIn);
    const before = this.shown;
    this.shown = now;
    if (before?.id === now?.id) return;
    this.emitter.fire({ added: now ? [now] : [], removed: before ? [before] : [], changed: [] });
  }
}

/** Where the extension runs elsewhere, only the person knows where the browser is. */
async function chosenWay(): Promise<"browser" | "device" | undefined> {
  const ways = [
    { way: "device" as const, label: say("With a code"), detail: say("You enter a code on a page, on this or on another device.") },
    { way: "browser" as const, label: say("In the browser"), detail: say("The browser has to run on the computer VS Code's server runs on.") },
  ];
  const chosen = await vscode.window.showQuickPick(ways, { title: say("How do you want to sign in?") });
  return chosen?.way;
}

async function showCode({ userCode, page }: Device): Promise<void> {
  const open = say("Copy code and open page");
  const detail = say("The page that opens asks for it, or shows it: go on there only if it is the same.");
  if ((await vscode.window.showInformationMessage(say("Your code is {0}.", userCode), { modal: true, detail }, open)) !== open) return;
  await vscode.env.clipboard.writeText(userCode);
  await vscode.env.openExternal(vscode.Uri.parse(page));
}

function sessionOf({ id, accessToken, scopes, subject, tenant }: SignedIn): vscode.AuthenticationSession {
  return { id, accessToken, scopes: [...scopes], account: { id: `${tenant}/${subject}`, label: `${subject} (${tenant})` } };
}

function reasonOf(outcome: TokenOutcome): string {
  if (outcome.outcome === "refused") return say("You refused the sign-in.");
  if (outcome.outcome === "expired") return say("The code has ended. Begin again.");
  return "message" in outcome && outcome.message ? outcome.message : say("The Authority did not sign you in.");
}
