/** Every command, by its id in parity.json. */

import * as vscode from "vscode";

import { releaseDetails } from "../../core/present/details";
import type { Node } from "../../core/present/node";
import { called } from "../../core/present/releases";
import type { Release } from "../../core/model";
import { shown } from "../../core/statuses";
import { say } from "../../core/words";
import type { StellaAuthentication } from "../authentication";
import type { Details } from "../details";
import type { Stella } from "../stella";
import type { Views } from "../views/views";
import { checkIntegration, showHealthHistory } from "./integrations";
import { approvePromotion, promoteRelease, rejectPromotion } from "./promotions";
import { pick, thingOf } from "./running";
import { openSettings, selectTenant, signIn, signOut } from "./session";

export function registerCommands(stella: Stella, authentication: StellaAuthentication, views: Views, details: Details): vscode.Disposable {
  const commands: Record<string, (about?: unknown, more?: string) => unknown> = {
    signIn: () => signIn(stella, authentication),
    signOut: () => signOut(stella),
    selectTenant: () => selectTenant(stella, authentication),
    refresh: () => stella.refresh(),
    promoteRelease: (about, release) => promoteRelease(stella, about, release),
    approvePromotion: (about) => approvePromotion(stella, about),
    rejectPromotion: (about) => rejectPromotion(stella, about),
    openInBrowser: (about) => openInBrowser(about as Node | undefined),
    showReleaseDetails: (about) => showReleaseDetails(stella, details, about),
    checkIntegration: (about) => checkIntegration(stella, about),
    showHealthHistory: (about) => showHealthHistory(stella, details, about),
    openStellaYaml: () => openStellaYaml(),
    openSettings: () => openSettings(),
    showLog: () => stella.log.show(),
    // of a component's row: leads to the integration that holds its image
    reveal: (about) => views.integrations.reveal(thingOf(about) ?? ""),
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(`stellaOps.${name}`, (about?: unknown, more?: unknown) =>
      run(about, typeof more === "string" ? more : undefined),
    ),
  );
  return vscode.Disposable.from(...registered);
}

async function openInBrowser(node: Node | undefined): Promise<void> {
  if (node?.page !== undefined) await vscode.env.openExternal(vscode.Uri.parse(node.page));
}

async function showReleaseDetails(stella: Stella, details: Details, about: unknown): Promise<void> {
  const { releases, promotions, integrations } = stella.store.contents;
  const thing = thingOf(about);
  const wanted = promotions.items?.find(({ id }) => id === thing)?.releaseId ?? thing;
  const item = ({ name, version, status }: Release): vscode.QuickPickItem => ({ label: called(name, version), description: shown("release", status).text });
  const all = releases.items ?? [];
  const release = all.find(({ id }) => id === wanted) ?? (await pick(say("Show release details"), all, item));
  if (release === undefined) return;
  const names = new Map(integrations.items?.map(({ id, name }) => [id, name]));
  await details.show(called(release.name, release.version), releaseDetails(release, names, Date.now()));
}

async function openStellaYaml(): Promise<void> {
  const found = await vscode.workspace.findFiles("**/stella.yaml", "**/node_modules/**", 100);
  if (found.length === 0) {
    void vscode.window.showInformationMessage(say("There is no stella.yaml in this folder."));
    return;
  }
  const item = (uri: vscode.Uri): vscode.QuickPickItem => ({ label: vscode.workspace.asRelativePath(uri) });
  const uri = found.length === 1 ? found[0] : await pick(say("Open stella.yaml"), found, item);
  if (uri !== undefined) await vscode.window.showTextDocument(uri);
}
