/** Pages of details, in Markdown in which everything the servers said is plain text. */

import { agoOf } from "../ages";
import type { Health, Integration, Release } from "../model";
import { shown } from "../statuses";
import { plain } from "../text";
import { say } from "../words";
import { remedyOf } from "./integrations";
import { called } from "./releases";

export function releaseDetails(release: Release, integrations: ReadonlyMap<string, string>, now: number): string {
  const rows = (release.components ?? []).map(({ name, image, digest, registryIntegrationId }) => [
    name,
    image,
    shortened(digest ?? ""),
    integrations.get(registryIntegrationId ?? "") ?? "",
  ]);
  return [
    `# ${plain(called(release.name, release.version))}`,
    [shown("release", release.status).text, agoOf(release.createdAt, now), release.createdBy].filter(Boolean).map((one) => plain(String(one))).join(" · "),
    `## ${say("Components")}`,
    table([say("Name"), say("Image"), say("Digest"), say("Integration")], rows),
  ].join("\n\n");
}

export function healthDetails(integration: Integration, { latest, windows, history }: Health, now: number): string {
  const remedy = remedyOf(latest);
  return [
    `# ${plain(integration.name)}`,
    `${plain(integration.type)} · **${plain(shown("health", latest.status).text)}** · ${agoOf(latest.checkedAt, now) || say("never checked")}`,
    remedy === "" ? "" : `> **${say("What to do")}:** ${plain(remedy)}`,
    `## ${say("Latest check")}`,
    table(
      [say("Step"), say("Status"), say("Milliseconds"), say("Seen"), say("What to do")],
      latest.steps.map(({ name, status, durationMs, evidence, remedy: todo }) => [name, status, String(Math.round(durationMs)), evidence, todo]),
    ),
    `## ${say("Over time")}`,
    table(
      [say("Hours"), say("Checks"), say("Uptime"), say("Median"), say("95th percentile"), say("Changes of status")],
      windows.map((one) => [one.hours, one.checks, percent(one.uptimePercent), ms(one.latencyP50Ms), ms(one.latencyP95Ms), one.transitions].map((value) => String(value ?? "–"))),
    ),
    `## ${say("Health history")}`,
    table(
      [say("When"), say("Status"), say("Reason"), say("Milliseconds"), say("Error")],
      history.map((one) => [agoOf(one.checkedAt, now), shown("health", one.status).text, one.reason ?? "", String(Math.round(one.latencyMs ?? 0)), one.errorMessage ?? ""]),
    ),
  ]
    .filter(Boolean)
    .join("\n\n");
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return say("There is nothing here yet.");
  const line = (cells: readonly string[]): string => `| ${cells.map((cell) => plain(cell) || " ").join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

/** Leave what tells digests apart; the whole would push the columns behind it out of sight. */
function shortened(digest: string): string {
  return digest.replace(/^(\w+:\w{12})\w+$/, "$1…");
}

function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${value.toFixed(1)} %`;
}

function ms(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : say("{0} ms", String(Math.round(value)));
}
