/** Check an integration now, and show how it did before. */

import * as vscode from "vscode";

import type { Integration } from "../../core/model";
import { remedyOf } from "../../core/present/integrations";
import { healthDetails } from "../../core/present/details";
import { shown } from "../../core/statuses";
import { say } from "../../core/words";
import type { Details } from "../details";
import type { Stella } from "../stella";
import { pick, run, thingOf } from "./running";

export async function checkIntegration(stella: Stella, about?: unknown): Promise<void> {
  const integration = await chosen(stella, say("Check integration now"), about);
  if (integration === undefined) return;
  const check = await run(say("Checking {0}…", integration.name), (signal) => stella.hub.check(integration.id, signal));
  if (check === undefined) return;
  stella.store.checked(integration.id, check);
  const status = shown("health", check.status);
  const remedy = remedyOf(check);
  const text = `${integration.name}: ${status.text}${remedy === "" ? "" : ` – ${remedy}`}`;
  if (status.group === "done") void vscode.window.showInformationMessage(text);
  else void vscode.window.showWarningMessage(text);
}

export async function showHealthHistory(stella: Stella, details: Details, about?: unknown): Promise<void> {
  const integration = await chosen(stella, say("Show health history"), about);
  if (integration === undefined) return;
  const health = await run(say("Loading…"), (signal) => stella.hub.health(integration.id, signal));
  if (health !== undefined) await details.show(integration.name, healthDetails(integration, health, Date.now()));
}

function chosen(stella: Stella, title: string, about: unknown): Promise<Integration | undefined> {
  const thing = thingOf(about);
  const all = stella.store.contents.integrations.items ?? [];
  const one = all.find(({ id }) => id === thing);
  return one === undefined ? pick(title, all, item) : Promise.resolve(one);
}

function item({ name, type, status }: Integration): vscode.QuickPickItem {
  return { label: name, description: `${type} · ${shown("health", status).text}` };
}
