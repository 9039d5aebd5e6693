/** Asks whom nobody can reach, in the two ways an extension has, so that run.mjs sees that it would notice. */

import assert from "node:assert/strict";
import { get } from "node:https";

describe("a request off this machine", () => {
  it("by fetch is noticed", async () => {
    // nothing is sent to the address of everybody
    await assert.rejects(fetch("http://255.255.255.255/"));
  });

  it("by name is noticed", async () => {
    const nobody = new Error("nobody is asked for the name");
    const lookup = (_name: string, _options: unknown, told: (error: Error, address: string, family: number) => void): void => told(nobody, "", 4);
    await assert.rejects(new Promise((resolve, reject) => get({ host: "stranger.example", lookup }, resolve).on("error", reject)), nobody);
  });
});
