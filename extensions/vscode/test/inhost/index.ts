/** What VS Code calls in its extension host: every test here, by mocha. */

import { readdirSync } from "node:fs";
import { join } from "node:path";

import Mocha from "mocha";

export function run(): Promise<void> {
  const mocha = new Mocha({ timeout: 20_000, forbidOnly: true });
  for (const name of readdirSync(__dirname)) if (name.endsWith(".test.js")) mocha.addFile(join(__dirname, name));
  return new Promise((resolve, reject) => {
    mocha.run((failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} of the tests failed`))));
  });
}
