/** One row of a view, before it is VS Code's. */

import { isSafe } from "../addresses";
import type { Group } from "../statuses";

export type NodeKind = "release" | "component" | "environment" | "promotion" | "deployment" | "integration" | "step" | "note";

export interface Node {
  /** Stays the same from one answer to the next, so that what is unfolded stays so. */
  readonly id: string;
  readonly kind: NodeKind;
  readonly label: string;
  readonly description: string;
  /** What is told at more length: names and their values. */
  readonly facts: readonly (readonly [string, string])[];
  readonly icon: string;
  readonly tone?: Group;
  /** What menus look at. */
  readonly context: string;
  /** The servers' id of the thing; of a component, the integration it leads to. */
  readonly thing: string;
  /** "later": asked for when it is unfolded. */
  readonly children: readonly Node[] | "later";
  readonly command?: string;
  /** Where a browser shows it, as its server says. */
  readonly page?: string;
}

/** Return what menus look at: a thing without a page is not offered to a browser. */
export function contextOf({ context, page }: Node): string {
  return page === undefined ? context : `${context}.page`;
}

/** Take the address of a thing's page, where it is one a browser may be sent to. */
export function pageOf({ webUrl }: { webUrl?: string | undefined }): { page?: string } {
  const address = typeof webUrl === "string" && URL.canParse(webUrl) ? new URL(webUrl) : undefined;
  return address && isSafe(address) ? { page: address.href } : {};
}

/** Return what a screen reader says: everything that is seen, the icon's meaning included. */
export function spoken(node: Node): string {
  return [node.label, node.description].filter(Boolean).join(", ");
}

export function facts(...all: (readonly [string, string | null | undefined])[]): (readonly [string, string])[] {
  return all.filter((one): one is readonly [string, string] => Boolean(one[1]));
}

/** An icon of each group, so that no group is told by colour alone. */
export const ICONS: Readonly<Record<Group, string>> = {
  waiting: "bell",
  underway: "sync",
  done: "pass",
  stopped: "circle-slash",
  failed: "error",
  other: "question",
};

const HEALTH: Readonly<Record<Group, string>> = { ...ICONS, waiting: "warning" };

export function healthIcon(group: Group): string {
  return HEALTH[group];
}
