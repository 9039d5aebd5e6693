/** Sign in, sign out, and for which tenant. */

import * as vscode from "vscode";

import { say } from "../../core/words";
import { PROVIDER, type StellaAuthentication } from "../authentication";
import * as settings from "../settings";
import type { Stella } from "../stella";

export async function signIn(stella: Stella, authentication: StellaAuthentication, tenant?: string): Promise<void> {
  const [complaint] = settings.complaints();
  if (!stella.presence().configured || complaint !== undefined) {
    const open = say("Open settings");
    if ((await vscode.window.showWarningMessage(complaint ?? say("Say where your servers are."), open)) === open) openSettings();
    return;
  }
  authentication.tenant = tenant;
  try {
    await vscode.authentication.getSession(PROVIDER, settings.scopes(), tenant === undefined ? { createIfNone: true } : { forceNewSession: true });
    await stella.refresh();
  } catch (error) {
    stella.log.warn(`sign-in: ${(error as Error).message}`);
    void vscode.window.showErrorMessage(say("You are not signed in: {0}", (error as Error).message));
  } finally {
    authentication.tenant = undefined;
  }
}

export async function signOut(stella: Stella): Promise<void> {
  await stella.session.end();
  await stella.meet();
}

/** Another tenant is another sign-in. */
export async function selectTenant(stella: Stella, authentication: StellaAuthentication): Promise<void> {
  const tenant = await vscode.window.showInputBox({
    title: say("Select tenant"),
    prompt: say("You sign in again for another tenant."),
    value: stella.signedIn?.tenant ?? "",
    validateInput: (text) =>
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text) ? undefined : say("A tenant's name has letters, digits, dots, hyphens and underscores."),
  });
  if (tenant !== undefined && tenant !== stella.signedIn?.tenant) await signIn(stella, authentication, tenant);
}

export function openSettings(): void {
  void vscode.commands.executeCommand("workbench.action.openSettings", "@ext:stella-ops.vscode-stella-ops");
}
