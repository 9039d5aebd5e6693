/** The person's settings. Those that say where tokens go are of machine scope: no workspace can change them. */

import { readFileSync } from "fs";

import * as vscode from "vscode";

import { addressOf } from "../core/addresses";
import { say } from "../core/words";

export const SECTION = "stellaOps";
type UrlName = "platformUrl" | "hubUrl" | "authorityUrl";
const URLS: readonly UrlName[] = ["platformUrl", "hubUrl", "authorityUrl"];

function read(name: string, otherwise: string): string;
function read(name: string, otherwise: number): number;
function read(name: string, otherwise: boolean): boolean;
function read(name: string, otherwise: unknown): unknown {
  return vscode.workspace.getConfiguration(SECTION).get(name) ?? otherwise;
}

/** Return an address, nothing where it is not set or refused. */
export function serverUrl(name: UrlName): string | undefined {
  const address = addressOf(read(name, ""));
  return "url" in address ? address.url : undefined;
}

/** Return what is wrong in the settings, a sentence each. */
export function complaints(): string[] {
  const urls = URLS.flatMap((name) => {
    const address = addressOf(read(name, ""));
    return "refused" in address ? [`${SECTION}.${name}: ${address.refused}`] : [];
  });
  const file = read("caFile", "");
  if (file === "" || extraCertificates() !== undefined) return urls;
  return [...urls, `${SECTION}.caFile: ${say("It holds no certificate that can be read.")}`];
}

export const tokenPath = (): string => read("tokenPath", "/oauth/token");
export const clientId = (): string => read("clientId", "vscode-stella-ops");
export const scopes = (): string[] => read("scopes", "").split(/\s+/).filter(Boolean);
export const annotationsWanted = (): boolean => read("annotations", true);

export function pollSeconds(): number {
  const seconds = read("pollIntervalSeconds", 30);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 5), 3600) : 30;
}

export function extraCertificates(): string | undefined {
  const file = read("caFile", "");
  if (file === "") return undefined;
  try {
    const text = readFileSync(file, "utf8");
    return text.includes("-----BEGIN CERTIFICATE-----") ? text : undefined;
  } catch {
    return undefined;
  }
}
