/** Promote, approve and reject. */

import * as vscode from "vscode";

import type { Environment, Promotion, Release } from "../../core/model";
import { called, isInto } from "../../core/present/releases";
import { shown } from "../../core/statuses";
import { say } from "../../core/words";
import type { Stella } from "../stella";
import { pick, run, thingOf } from "./running";

const LONGEST = 2000;

export async function promoteRelease(stella: Stella, about?: unknown, preferred?: string): Promise<void> {
  const title = say("Promote release…");
  const { releases, environments } = stella.store.contents;
  const thing = thingOf(about);
  const inOrder = [...(environments.items ?? [])].sort((a, b) => (a.orderIndex ?? 0) - (b.orderIndex ?? 0));
  const promotable = (releases.items ?? []).filter(({ status }) => shown("release", status).promotable);
  const fitting = promotable.filter(({ name }) => preferred === undefined || name === preferred);
  const release = promotable.find(({ id }) => id === thing) ?? (await pick(title, fitting, releaseItem));
  if (release === undefined) return;
  const environment = inOrder.find(({ id }) => id === thing) ?? (await pick(title, inOrder, environmentItem));
  if (environment === undefined) return;
  const reason = await ask(title, say("Why? It is shown to those who approve."), false);
  if (reason === undefined) return;
  const what = say("Promote {0} to {1}?", called(release.name, release.version), called(environment.displayName ?? environment.name, ""));
  if (environment.isProduction && !(await confirmed(what, say("Promote")))) return;
  const promotion = await run(say("Promoting…"), (signal) => stella.platform.promote(release.id, environment.id, reason, signal));
  if (promotion !== undefined) told(stella, promotion);
}

export async function approvePromotion(stella: Stella, about?: unknown): Promise<void> {
  const title = say("Approve promotion…");
  const promotion = await chosen(stella, title, about);
  if (promotion === undefined) return;
  const comment = await ask(title, say("A comment, if you like."), false);
  if (comment === undefined) return;
  const production = stella.store.contents.environments.items?.find((one) => isInto(promotion, one))?.isProduction;
  const what = say("Approve {0} for {1}?", nameOf(promotion), promotion.targetEnvironmentName ?? "");
  if (production && !(await confirmed(what, say("Approve")))) return;
  const after = await run(say("Approving…"), (signal) => stella.platform.approve(promotion.id, comment, signal));
  if (after !== undefined) told(stella, after);
}

export async function rejectPromotion(stella: Stella, about?: unknown): Promise<void> {
  const title = say("Reject promotion…");
  const promotion = await chosen(stella, title, about);
  if (promotion === undefined) return;
  const reason = await ask(title, say("Why? It is shown to who asked for it."), true);
  if (reason === undefined) return;
  const after = await run(say("Rejecting…"), (signal) => stella.platform.reject(promotion.id, reason, signal));
  if (after !== undefined) told(stella, after);
}

function chosen(stella: Stella, title: string, about: unknown): Promise<Promotion | undefined> {
  const thing = thingOf(about);
  const decidable = (stella.store.contents.promotions.items ?? []).filter(({ status }) => shown("promotion", status).decidable);
  const one = decidable.find(({ id }) => id === thing);
  return one === undefined ? pick(title, decidable, promotionItem) : Promise.resolve(one);
}

function ask(title: string, prompt: string, needed: boolean): Thenable<string | undefined> {
  const validateInput = (text: string): string | undefined => {
    if (needed && text.trim() === "") return say("It cannot be empty.");
    return text.length > LONGEST ? say("It can have {0} characters at most.", String(LONGEST)) : undefined;
  };
  return vscode.window.showInputBox({ title, prompt, validateInput, ignoreFocusOut: true });
}

async function confirmed(what: string, yes: string): Promise<boolean> {
  const detail = say("It is a production environment.");
  return (await vscode.window.showWarningMessage(what, { modal: true, detail }, yes)) === yes;
}

function told(stella: Stella, promotion: Promotion): void {
  stella.store.promoted(promotion);
  const status = shown("promotion", promotion.status).text;
  void vscode.window.showInformationMessage(`${nameOf(promotion)} → ${promotion.targetEnvironmentName ?? ""}: ${status}`);
  void stella.refresh();
}

function nameOf({ releaseName, releaseVersion, id }: Promotion): string {
  return called(releaseName ?? id, releaseVersion);
}

function releaseItem({ name, version, status }: Release): vscode.QuickPickItem {
  return { label: `$(package) ${called(name, version)}`, description: shown("release", status).text };
}

function environmentItem({ displayName, name, currentRelease: current, isProduction }: Environment): vscode.QuickPickItem {
  const running = current ? called(current.name, current.version) : say("nothing deployed");
  return {
    label: `$(${isProduction ? "shield" : "server-environment"}) ${displayName ?? name}`,
    description: [running, isProduction ? say("production") : ""].filter(Boolean).join(" · "),
  };
}

function promotionItem(promotion: Promotion): vscode.QuickPickItem {
  const { sourceEnvironmentName: from, targetEnvironmentName: to, requestedBy, reason } = promotion;
  return {
    label: `$(bell) ${nameOf(promotion)}`,
    description: [from, to].filter(Boolean).join(" → "),
    detail: [requestedBy, reason].filter(Boolean).join(": "),
  };
}
