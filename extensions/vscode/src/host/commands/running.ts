/** What every command does the same way: run, cancellable, and say how it went. */

import * as vscode from "vscode";

import { isOk, type Outcome } from "../../core/http/outcome";
import { sentence } from "../../core/standing";
import { say } from "../../core/words";

/** Run a call under a cancellable notification; a failure is said once, and undefined returned. */
export async function run<T>(title: string, call: (signal: AbortSignal) => Promise<Outcome<T>>): Promise<T | undefined> {
  const options = { location: vscode.ProgressLocation.Notification, cancellable: true, title };
  const outcome = await vscode.window.withProgress(options, (_progress, cancelled) => {
    const stop = new AbortController();
    cancelled.onCancellationRequested(() => stop.abort());
    return call(stop.signal);
  });
  if (isOk(outcome)) return outcome.value;
  if (outcome.kind !== "cancelled") complain(sentence(outcome), outcome.traceId);
  return undefined;
}

function complain(why: string, traceId: string | undefined): void {
  const log = say("Show log");
  const text = traceId === undefined ? why : `${why} (${traceId})`;
  // not awaited by the command: it ends with the failure, not with the toast
  void vscode.window.showErrorMessage(text, log).then((pressed) => {
    if (pressed === log) void vscode.commands.executeCommand("stellaOps.showLog");
  });
}

/** Ask for one of several things; one that is alone is asked for too, so that nothing happens unseen. */
export async function pick<T>(title: string, things: readonly T[], item: (thing: T) => vscode.QuickPickItem): Promise<T | undefined> {
  if (things.length === 0) {
    void vscode.window.showInformationMessage(say("There is nothing here yet."));
    return undefined;
  }
  const items = things.map((thing) => ({ thing, ...item(thing) }));
  return (await vscode.window.showQuickPick(items, { title, matchOnDescription: true, matchOnDetail: true }))?.thing;
}

/** Return the id of the thing a command is about: a row's, an annotation's, or none. */
export function thingOf(argument: unknown): string | undefined {
  if (typeof argument === "string") return argument;
  const thing = typeof argument === "object" && argument !== null ? (argument as { thing?: unknown }).thing : undefined;
  return typeof thing === "string" ? thing : undefined;
}
