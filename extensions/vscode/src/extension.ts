/** Where VS Code begins. Nothing here waits for the network: what was last known is shown first. */

import * as vscode from "vscode";

import { say, translateWith } from "./core/words";
import { StellaAuthentication } from "./host/authentication";
import { registerCommands } from "./host/commands/register";
import { Details } from "./host/details";
import { registerEditor } from "./host/editor/stellaYaml";
import { createStatusBar } from "./host/statusBar";
import { Stella } from "./host/stella";
import { createViews } from "./host/views/views";

const SCOPES = ["release:read", "promotion:read", "promotion:write", "promotion:approve", "integration:read", "integration:operate"];

export function activate(context: vscode.ExtensionContext): void {
  translateWith((text, ...args) => vscode.l10n.t(text, ...args));
  const log = vscode.window.createOutputChannel(say("Stella Ops"), { log: true });
  const stella = new Stella(context, log);
  const authentication = new StellaAuthentication(stella, runsLocally(context));
  const details = new Details();
  const views = createViews(stella);
  context.subscriptions.push(
    log,
    stella,
    authentication,
    details,
    views,
    createStatusBar(stella),
    registerEditor(stella),
    registerCommands(stella, authentication, views, details),
    stella.onChange(() => tellMenus(stella)),
  );
  void stella.meet();
}

function runsLocally({ extension }: vscode.ExtensionContext): boolean {
  const desktop = vscode.env.uiKind === vscode.UIKind.Desktop;
  return desktop && (vscode.env.remoteName === undefined || extension.extensionKind === vscode.ExtensionKind.UI);
}

/** Tell the menus who is there: a command whose scope was refused is not shown. */
function tellMenus(stella: Stella): void {
  const set = (name: string, value: boolean): void => void vscode.commands.executeCommand("setContext", name, value);
  set("stellaOps.signedIn", stella.signedIn !== undefined);
  for (const scope of SCOPES) set(`stellaOps.may.${scope.replace(":", ".")}`, stella.may(scope));
}
