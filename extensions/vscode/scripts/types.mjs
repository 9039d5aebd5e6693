// Writes the types of both servers' answers from their OpenAPI documents: src/core/api/*.d.ts.
import { writeFileSync } from "node:fs";
import openapiTS, { astToString } from "openapi-typescript";

const DOCUMENTS = {
  platform: new URL("../../api/platform.openapi.yaml", import.meta.url),
  hub: new URL("../../../infra/openapi.json", import.meta.url),
};

/** Return the text of each file, by its name. */
export async function types() {
  const written = {};
  for (const [name, document] of Object.entries(DOCUMENTS)) {
    const head = "/* Written by `npm run types` from the server's OpenAPI document. */\n";
    written[name] = head + astToString(await openapiTS(document, { alphabetize: true }));
  }
  return written;
}

if (import.meta.filename === process.argv[1]) {
  for (const [name, text] of Object.entries(await types())) {
    writeFileSync(new URL(`../src/core/api/${name}.d.ts`, import.meta.url), text);
  }
}
