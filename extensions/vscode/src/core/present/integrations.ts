/** The rows of Integrations: health, what was seen at each step of the latest check, and what a person can do. */

import { agoOf } from "../ages";
import type { Check, Integration, Step } from "../model";
import { shown, type Group } from "../statuses";
import type { Store } from "../store";
import { say } from "../words";
import { facts, healthIcon, pageOf, type Node } from "./node";

export function integrationNodes({ contents, checks }: Pick<Store, "contents" | "checks">, now: number): Node[] {
  return (contents.integrations.items ?? []).map((one) => integrationNode(one, checks.get(one.id), now));
}

function integrationNode(one: Integration, check: Check | undefined, now: number): Node {
  const status = shown("health", one.status);
  const described = [status.text, one.type, agoOf(one.lastCheckedAt, now) || say("never checked"), one.paused ? say("paused") : ""];
  return {
    id: `integration/${one.id}`,
    kind: "integration",
    label: one.name,
    description: described.filter(Boolean).join(" · "),
    facts: facts(
      [say("Reason"), one.reason && one.reason !== "ok" ? one.reason : ""],
      [say("What to do"), remedyOf(check)],
      [say("Credential ends"), one.credential?.endsAt],
      [say("Next check"), one.nextCheckAt],
      [say("Paused"), one.paused ? say("yes") : ""],
    ),
    icon: one.paused ? "debug-pause" : healthIcon(status.group),
    tone: status.group,
    context: "integration",
    thing: one.id,
    ...pageOf(one),
    children: "later",
  };
}

/** Return the remedy of the first step that did not pass. */
export function remedyOf(check: Check | undefined): string {
  return check?.steps.find(({ status }) => status !== "passed")?.remedy ?? "";
}

export function stepNodes(integration: string, check: Check): Node[] {
  if (check.steps.length === 0) return [noteNode(`step/${integration}/none`, check.errorMessage || say("It was never checked."))];
  return check.steps.map((step) => stepNode(integration, step));
}

function outcomeOf(status: string): readonly [string, Group] {
  if (status === "passed") return [say("Passed"), "done"];
  if (status === "degraded") return [say("Degraded"), "waiting"];
  return status === "failed" ? [say("Failed"), "failed"] : [status, "other"];
}

function stepNode(integration: string, step: Step): Node {
  const [word, tone] = outcomeOf(step.status);
  const milliseconds = say("{0} ms", String(Math.round(step.durationMs)));
  return {
    id: `step/${integration}/${step.name}`,
    kind: "step",
    label: step.name,
    description: [word, milliseconds, step.status === "passed" ? "" : step.remedy].filter(Boolean).join(" · "),
    facts: facts([say("Seen"), step.evidence], [say("What to do"), step.remedy]),
    icon: healthIcon(tone),
    tone,
    context: "step",
    thing: integration,
    children: [],
  };
}

export function noteNode(id: string, label: string, command?: string): Node {
  const common = { kind: "note", description: "", facts: [], context: "note", thing: "", children: [] } as const;
  return { ...common, id, label, icon: command === undefined ? "info" : "arrow-right", ...(command ? { command } : {}) };
}
