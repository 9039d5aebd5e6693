/** What stands above the names in stella.yaml, and what is said of a name under the pointer. */

import { ago, agoOf } from "../ages";
import { isOutage } from "../http/outcome";
import type { Environment, Integration, Release } from "../model";
import { shown } from "../statuses";
import type { Name, Known } from "../stellaYaml/findings";
import type { Contents, Slice } from "../store";
import { say } from "../words";
import { called, isFrozen, isInto } from "./releases";

export interface Annotation {
  readonly name: Name;
  readonly text: string;
  /** The thing the commands of the annotation are about. */
  readonly thing: string;
  readonly release?: string | undefined;
}

/** Return the names the servers list, as far as they told; the last known ones when they are away. */
export function knownNames(contents: Contents): Known {
  const names = (slice: Slice<{ name: string }>): string[] | null => {
    const usable = slice.failure === undefined || isOutage(slice.failure);
    return usable && slice.items !== undefined ? [...new Set(slice.items.map(({ name }) => name))] : null;
  };
  const { releases, environments, integrations } = contents;
  return { releases: names(releases), environments: names(environments), integrations: names(integrations) };
}

export function annotationsOf(names: readonly Name[], contents: Contents, now: number): Annotation[] {
  const told = new Set<string>();
  return names.flatMap((name) => {
    const key = `${name.kind} ${name.name} ${name.range.start.line}`;
    if (told.has(key)) return [];
    told.add(key);
    const environment = name.kind === "environment" ? named(contents.environments, name.name) : undefined;
    if (environment !== undefined) {
      const text = environmentText(environment, contents, now) + stale(contents.environments, now);
      return [{ name, text, thing: environment.id, release: environment.currentRelease?.id }];
    }
    const integration = name.kind === "integration" ? named(contents.integrations, name.name) : undefined;
    if (integration === undefined) return [];
    return [{ name, text: integrationText(integration, now) + stale(contents.integrations, now), thing: integration.id }];
  });
}

/** Return what is said of a name: its standing, or that it is not known. */
export function standingText({ kind, name }: Pick<Name, "kind" | "name">, contents: Contents, now: number): string {
  if (kind === "environment") {
    const one = named(contents.environments, name);
    return one === undefined ? "" : environmentText(one, contents, now);
  }
  if (kind === "integration") {
    const one = named(contents.integrations, name);
    return one === undefined ? "" : integrationText(one, now);
  }
  const versions = (contents.releases.items ?? []).filter((one) => one.name === name);
  return versions.map(releaseText).join(", ");
}

function environmentText(environment: Environment, { promotions }: Contents, now: number): string {
  const { currentRelease: current } = environment;
  const waiting = (promotions.items ?? []).filter((one) => isInto(one, environment) && shown("promotion", one.status).decidable);
  const latest = (promotions.items ?? [])
    .filter((one) => isInto(one, environment) && shown("promotion", one.status).deployment)
    .sort((a, b) => (b.statusChangedAt ?? "").localeCompare(a.statusChangedAt ?? ""))[0];
  const parts = [
    current ? called(current.name, current.version) : say("nothing deployed"),
    latest === undefined ? "" : shown("promotion", latest.status).text,
    waiting.length > 0 ? say("{0} waiting for approval", String(waiting.length)) : "",
    isFrozen(environment, now) ? say("frozen") : "",
  ];
  return `${environment.name}: ${parts.filter(Boolean).join(" · ")}`;
}

function integrationText(one: Integration, now: number): string {
  return [one.type, shown("health", one.status).text, agoOf(one.lastCheckedAt, now)].filter(Boolean).join(" · ");
}

function releaseText(release: Release): string {
  return `${release.version ?? release.id} (${shown("release", release.status).text})`;
}

function stale({ failure, at }: Slice<unknown>, now: number): string {
  return failure !== undefined && at !== undefined ? ` · ${say("as of {0}", ago(at, now))}` : "";
}

function named<T extends { name: string }>(slice: Slice<T>, name: string): T | undefined {
  return slice.items?.find((one) => one.name === name);
}
