/** What a status is shown as. Every set is open: one nobody knows is shown as it is written. */

import table from "../../../api/vectors/statuses.json";
import { cleaned } from "./text";
import { say } from "./words";

export type Group = "waiting" | "underway" | "done" | "stopped" | "failed" | "other";
export type StatusOf = "promotion" | "release" | "health";

export interface Shown {
  readonly text: string;
  readonly group: Group;
  /** Approve and Reject are offered. */
  readonly decidable: boolean;
  /** It stands under Deployments. */
  readonly deployment: boolean;
  /** Promote is offered. */
  readonly promotable: boolean;
}

interface Row {
  readonly status: string;
  readonly label: string;
  readonly group: string;
  readonly decidable?: boolean;
  readonly deployment?: boolean;
  readonly promotable?: boolean;
}

export function shown(of: StatusOf, status: string | undefined): Shown {
  const row = (table[of] as readonly Row[]).find((one) => one.status === status);
  return {
    text: row === undefined ? cleaned(status ?? "") || "—" : say(row.label),
    group: (row?.group ?? "other") as Group,
    decidable: row?.decidable ?? false,
    deployment: row?.deployment ?? false,
    promotable: row?.promotable ?? of === "release",
  };
}

/** Whether a promotion is neither done nor stopped nor failed. */
export function isOpen(status: string): boolean {
  return ["waiting", "underway", "other"].includes(shown("promotion", status).group);
}
