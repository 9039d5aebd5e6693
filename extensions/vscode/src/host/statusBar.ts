/** The item in the status bar: how the servers are, the tenant, what waits and what is broken. */

import * as vscode from "vscode";

import { ago } from "../core/ages";
import { sentence, type Standing } from "../core/standing";
import { plain } from "../core/text";
import { say } from "../core/words";
import type { Stella } from "./stella";
import { unhealthyCount, waitingCount } from "./views/views";

const ICONS: Readonly<Record<Standing, string>> = {
  signedOut: "account",
  notConfigured: "gear",
  loading: "sync~spin",
  online: "rocket",
  offline: "debug-disconnect",
  error: "warning",
};

export function createStatusBar(stella: Stella): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("stellaOps.status", vscode.StatusBarAlignment.Left, 10);
  item.name = say("Stella Ops");
  const show = (): void => {
    const standing = stella.standing();
    const text = textOf(stella, standing);
    item.text = `$(${ICONS[standing]}) ${text}`;
    item.accessibilityInformation = { label: `${say("Stella Ops")}: ${text}`, role: "button" };
    item.tooltip = tooltipOf(stella, text);
    item.command = standing === "signedOut" ? "stellaOps.signIn" : "workbench.view.extension.stellaOps";
    item.backgroundColor = ["offline", "error"].includes(standing) ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
    item.show();
  };
  show();
  return vscode.Disposable.from(item, stella.onChange(show));
}

function textOf(stella: Stella, standing: Standing): string {
  if (standing === "signedOut") return say("Stella Ops: sign in");
  if (standing === "notConfigured") return say("Stella Ops: not set up");
  const tenant = stella.signedIn?.tenant ?? say("Stella Ops");
  if (standing === "loading") return tenant;
  const [waiting, unhealthy] = [waitingCount(stella), unhealthyCount(stella)];
  const parts = [
    tenant,
    standing === "offline" ? say("offline") : standing === "error" ? say("fault") : "",
    waiting > 0 ? say("{0} waiting", String(waiting)) : "",
    unhealthy > 0 ? say("{0} unhealthy", String(unhealthy)) : "",
  ];
  return parts.filter(Boolean).join(" · ");
}

function tooltipOf(stella: Stella, text: string): vscode.MarkdownString {
  const tooltip = new vscode.MarkdownString(`**${plain(text)}**\n\n`);
  tooltip.isTrusted = { enabledCommands: ["stellaOps.refresh", "stellaOps.showLog"] };
  const { authority, subject } = stella.signedIn ?? {};
  if (authority !== undefined) tooltip.appendMarkdown(`${plain(subject ?? "")}, ${plain(authority)}\n\n`);
  const [failure] = stella.store.failures();
  const oldest = stella.store.oldest();
  if (failure !== undefined) tooltip.appendMarkdown(`${plain(sentence(failure))}\n\n`);
  if (oldest !== undefined) tooltip.appendMarkdown(`${plain(say("As of {0}.", ago(oldest, Date.now())))}\n\n`);
  tooltip.appendMarkdown(`[${say("Refresh")}](command:stellaOps.refresh) · [${say("Show log")}](command:stellaOps.showLog)`);
  return tooltip;
}
