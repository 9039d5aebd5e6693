/** The rows of Releases, Environments and Deployments. */

import { agoOf } from "../ages";
import type { Component, Environment, Promotion, Release } from "../model";
import { isOpen, shown } from "../statuses";
import type { Contents } from "../store";
import { say } from "../words";
import { facts, ICONS, pageOf, type Node } from "./node";

export function releaseNodes({ releases, integrations }: Contents, now: number): Node[] {
  const names = new Map(integrations.items?.map(({ id, name }) => [id, name]));
  return (releases.items ?? []).map((release) => releaseNode(release, names, now));
}

function releaseNode(release: Release, integrations: ReadonlyMap<string, string>, now: number): Node {
  const status = shown("release", release.status);
  const components = release.components ?? [];
  return {
    id: `release/${release.id}`,
    kind: "release",
    label: called(release.name, release.version),
    description: status.text,
    facts: facts(
      [say("Components"), components.map(({ name }) => name).join(", ")],
      [say("Created"), agoOf(release.createdAt, now)],
      [say("By"), release.createdBy],
    ),
    icon: status.group === "done" ? "package" : status.group === "underway" ? "edit" : ICONS[status.group],
    context: status.promotable ? "release.promotable" : "release",
    thing: release.id,
    ...pageOf(release),
    children: components.map((component) => componentNode(release.id, component, integrations)),
  };
}

function componentNode(release: string, component: Component, integrations: ReadonlyMap<string, string>): Node {
  const { name, image, digest, registryIntegrationId: registry = "" } = component;
  return {
    id: `release/${release}/${name}`,
    kind: "component",
    label: name,
    description: image,
    facts: facts([say("Digest"), digest], [say("Integration"), integrations.get(registry)]),
    icon: "symbol-module",
    context: "component",
    thing: registry,
    children: [],
    ...(integrations.has(registry) ? { command: "reveal" } : {}),
  };
}

export function environmentNodes({ environments, promotions }: Contents, now: number): Node[] {
  const inOrder = [...(environments.items ?? [])].sort((a, b) => (a.orderIndex ?? 0) - (b.orderIndex ?? 0));
  return inOrder.map((environment) => {
    const open = (promotions.items ?? []).filter((one) => isInto(one, environment) && isOpen(one.status));
    return environmentNode(environment, open.map((one) => promotionNode(one, now)), now);
  });
}

function environmentNode(environment: Environment, children: Node[], now: number): Node {
  const { currentRelease: current, approvers, freezeWindows = [] } = environment;
  const frozen = isFrozen(environment, now);
  const description = [
    current ? called(current.name, current.version) : say("nothing deployed"),
    environment.isProduction ? say("production") : "",
    frozen ? say("frozen") : "",
  ];
  return {
    id: `environment/${environment.id}`,
    kind: "environment",
    label: environment.displayName ?? environment.name,
    description: description.filter(Boolean).join(" · "),
    facts: facts(
      [say("Name"), environment.name],
      [say("Deployed"), agoOf(current?.deployedAt, now)],
      [say("Approvals needed"), String(environment.requiredApprovals ?? 0)],
      [say("Approvers"), approvers?.join(", ")],
      ...freezeWindows.map(({ from, until, reason }) => [say("Frozen"), [`${from} – ${until}`, reason].filter(Boolean).join(", ")] as const),
    ),
    icon: frozen ? "lock" : environment.isProduction ? "shield" : "server-environment",
    context: "environment",
    thing: environment.id,
    ...pageOf(environment),
    children,
  };
}

function promotionNode(promotion: Promotion, now: number): Node {
  const status = shown("promotion", promotion.status);
  const needed = promotion.requiredApprovals ?? 0;
  const given = promotion.approvals ?? [];
  const counted = needed > 0 ? say("{0} of {1} approvals", String(given.length), String(needed)) : "";
  return {
    id: `promotion/${promotion.id}`,
    kind: "promotion",
    label: called(promotion.releaseName ?? promotion.id, promotion.releaseVersion),
    description: [status.text, counted].filter(Boolean).join(" · "),
    facts: facts(
      [say("Reason"), promotion.reason],
      [say("Asked for by"), promotion.requestedBy],
      [say("Asked for"), agoOf(promotion.requestedAt, now)],
      [say("Approved by"), given.map(({ by }) => by).join(", ")],
      ...(promotion.gates ?? []).map(({ name, reason }) => [say("Waits for"), [name, reason].filter(Boolean).join(": ")] as const),
    ),
    icon: ICONS[status.group],
    tone: status.group,
    context: status.decidable ? "promotion.decidable" : "promotion",
    thing: promotion.id,
    ...pageOf(promotion),
    children: [],
  };
}

/** Deployments: what was or is being deployed, by environment in order, the newest first. */
export function deploymentNodes({ environments, promotions }: Contents, now: number): Node[] {
  const order = new Map(environments.items?.map(({ id, orderIndex }) => [id, orderIndex ?? 0]));
  return (promotions.items ?? [])
    .filter(({ status }) => shown("promotion", status).deployment)
    .sort((a, b) => place(order, a) - place(order, b) || changed(b).localeCompare(changed(a)))
    .map((promotion) => deploymentNode(promotion, now));
}

function place(order: ReadonlyMap<string, number>, promotion: Promotion): number {
  return order.get(promotion.targetEnvironmentId ?? "") ?? Number.MAX_SAFE_INTEGER;
}

function changed(promotion: Promotion): string {
  return promotion.statusChangedAt ?? promotion.requestedAt ?? "";
}

function deploymentNode(promotion: Promotion, now: number): Node {
  const status = shown("promotion", promotion.status);
  return {
    id: `deployment/${promotion.id}`,
    kind: "deployment",
    label: called(promotion.releaseName ?? promotion.id, promotion.releaseVersion),
    description: [promotion.targetEnvironmentName, status.text, agoOf(promotion.statusChangedAt, now)].filter(Boolean).join(" · "),
    facts: facts(
      [say("Asked for by"), promotion.requestedBy],
      [say("Approved by"), promotion.approvals?.map(({ by }) => by).join(", ")],
      [say("Failed because"), promotion.failureReason],
    ),
    icon: ICONS[status.group],
    tone: status.group,
    context: "deployment",
    thing: promotion.id,
    ...pageOf(promotion),
    children: [],
  };
}

export function isFrozen(environment: Environment, now: number): boolean {
  return (environment.freezeWindows ?? []).some(({ from, until }) => Date.parse(from) <= now && now < Date.parse(until));
}

export function isInto(promotion: Promotion, environment: Environment): boolean {
  return promotion.targetEnvironmentId === undefined
    ? promotion.targetEnvironmentName === environment.name
    : promotion.targetEnvironmentId === environment.id;
}

export function called(name: string, version: string | undefined): string {
  return version ? `${name} ${version}` : name;
}
