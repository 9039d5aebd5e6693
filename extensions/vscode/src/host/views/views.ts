/** The four views of the container. */

import * as vscode from "vscode";

import { isOk } from "../../core/http/outcome";
import { integrationNodes, noteNode, stepNodes } from "../../core/present/integrations";
import type { Node } from "../../core/present/node";
import { deploymentNodes, environmentNodes, releaseNodes } from "../../core/present/releases";
import { sentence } from "../../core/standing";
import { shown } from "../../core/statuses";
import { say } from "../../core/words";
import type { Stella } from "../stella";
import { StellaView } from "./tree";

export interface Views extends vscode.Disposable {
  readonly integrations: StellaView;
}

export function createViews(stella: Stella): Views {
  const { store } = stella;
  const views = [
    new StellaView(stella, {
      name: "releases",
      slice: "releases",
      scope: "release:read",
      nodes: () => releaseNodes(store.contents, Date.now()),
    }),
    new StellaView(stella, {
      name: "environments",
      slice: "environments",
      scope: "release:read",
      nodes: () => environmentNodes(store.contents, Date.now()),
      badge: () => badge(waitingCount(stella), (count) => say("{0} waiting for approval", count)),
    }),
    new StellaView(stella, {
      name: "deployments",
      slice: "promotions",
      scope: "promotion:read",
      nodes: () => deploymentNodes(store.contents, Date.now()),
    }),
  ];
  const integrations = new StellaView(stella, {
    name: "integrations",
    slice: "integrations",
    scope: "integration:read",
    nodes: () => integrationNodes(store, Date.now()),
    later: (node) => stepsOf(stella, node),
    badge: () => badge(unhealthyCount(stella), (count) => say("{0} unhealthy", count)),
  });
  return { integrations, dispose: () => [...views, integrations].forEach((view) => view.dispose()) };
}

async function stepsOf(stella: Stella, { thing }: Node): Promise<Node[]> {
  const known = stella.store.checks.get(thing);
  if (known !== undefined) return stepNodes(thing, known);
  const health = await stella.hub.health(thing);
  if (!isOk(health)) return [noteNode(`step/${thing}/failure`, sentence(health))];
  return stepNodes(thing, health.value.latest);
}

export function waitingCount({ store }: Stella): number {
  return (store.contents.promotions.items ?? []).filter(({ status }) => shown("promotion", status).decidable).length;
}

export function unhealthyCount({ store }: Stella): number {
  return (store.contents.integrations.items ?? []).filter(({ status }) => shown("health", status).group === "failed").length;
}

function badge(value: number, tooltip: (count: string) => string): vscode.ViewBadge | undefined {
  return value === 0 ? undefined : { value, tooltip: tooltip(String(value)) };
}
