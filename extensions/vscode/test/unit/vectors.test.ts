/** The cases both extensions are run against: extensions/api/vectors. */

import { describe, expect, it } from "vitest";

import answers from "../../../api/vectors/answers.json";
import oauth from "../../../api/vectors/oauth.json";
import statuses from "../../../api/vectors/statuses.json";
import documents from "../../../api/vectors/stella-yaml.json";
import { isOk, type Outcome } from "../../src/core/http/outcome";
import { Platform } from "../../src/core/http/platform";
import { readRedirect } from "../../src/core/oauth/redirect";
import { readTokens, type Grant } from "../../src/core/oauth/tokenAnswer";
import { isOpen, shown, type StatusOf } from "../../src/core/statuses";
import { analyse } from "../../src/core/stellaYaml/analyse";
import { fixTitle, messageOf, severityOf, type Known } from "../../src/core/stellaYaml/findings";

describe("answers of the platform", () => {
  const ask = (platform: Platform, operation: string): Promise<Outcome<unknown>> => {
    if (operation === "listReleases") return platform.releases();
    if (operation === "getRelease") return platform.release("rel-1");
    if (operation === "createPromotion") return platform.promote("rel-1", "env-1", "");
    throw new Error(`No call for ${operation}`);
  };

  it.each(answers.cases)("$name", async ({ operation, status, headers, body, expect: expected }) => {
    const answer = { status, headers: headers as unknown as Record<string, string>, body };
    const outcome = await ask(new Platform({ call: () => Promise.resolve(answer) }), operation);
    const { ids, ...rest } = expected as { kind: string; ids?: string[] };
    if (isOk(outcome)) {
      const { value, ...told } = outcome;
      expect({ ...told, ids: [value].flat().map((one) => (one as { id: string }).id) }).toEqual({ ids, ...rest });
    } else {
      expect(outcome).toEqual(expected);
    }
  });
});

describe("answers of the Authority", () => {
  it.each(oauth.tokens)("$name", ({ grant, path, status, headers, body, expect: expected }) => {
    const asked = { grant: grant as Grant, path, scopes: oauth.asked, kept: oauth.kept };
    const read = readTokens({ status, headers: headers as unknown as Record<string, string>, body }, asked);
    const { tokens, ...told } = "tokens" in read ? read : { ...read, tokens: undefined };
    const { accessToken, ...kept } = tokens ?? { accessToken: undefined };
    expect({ ...told, ...kept }).toMatchObject(expected);
    expect(accessToken).toBe(tokens === undefined ? undefined : "not.a.token");
  });

  it.each(oauth.redirects)("redirect: $name", ({ query, issPromised, expect: expected }) => {
    expect(readRedirect(query, { state: "s-1", issuer: oauth.issuer, issPromised })).toMatchObject(expected);
  });
});

describe("statuses", () => {
  const listed = (["promotion", "release", "health"] as const).flatMap((of) =>
    statuses[of].map(({ label, ...row }) => ({ of, shown: label, ...row })),
  );
  it.each([...listed, ...statuses.unknown])("$of $status", ({ of, status, shown: text, ...rest }) => {
    expect(shown(of as StatusOf, status)).toMatchObject({ text, ...rest });
  });

  it("an unknown status of a promotion is under way: nobody said that it ended", () => {
    expect(["quarantined_by_policy", "deploying", "deployed", "rejected"].map(isOpen)).toEqual([true, true, false, false]);
  });
});

describe("stella.yaml", () => {
  it.each(documents.cases)("$name", (one) => {
    const text = one.lines.join("eol" in one ? one.eol : "\n");
    const known = ("known" in one ? one.known : documents.known) as Known;
    const { findings, names } = analyse(text, known);
    const found = findings.map((finding) => ({
      ...finding,
      severity: severityOf(finding.code),
      ...(finding.code === "yaml-syntax" ? { line: finding.range.start.line } : {}),
    }));
    const expected = (one.findings as Record<string, unknown>[]).map(({ messageKey: _key, covers: _text, ...row }) => row);
    expect(found).toHaveLength(expected.length);
    found.forEach((finding, place) => expect(finding).toMatchObject(expected[place] ?? {}));
    if ("names" in one) {
      expect(names).toEqual(one.names.map(({ covers: _text, ...name }) => name));
    }
    for (const finding of findings) {
      expect(messageOf(finding)).not.toMatch(/\{\d\}/);
      for (const fix of finding.fixes) expect(fixTitle(fix)).not.toMatch(/\{\d\}/);
    }
  });
});
