// Judge manifests (a JSON array on standard input) by the schemas of their kinds, and write them as TypeScript, whose
// compiler also finds a field that no such kind has: node validate.mjs NODE_MODULES OUT.ts. A line per fault.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, out] = process.argv.slice(2);
const packages = { knative: "@kubernetes-models/knative", gateway: "@kubernetes-models/gateway-api" };

function model({ apiVersion, kind }) {
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["", apiVersion];
  const where = group.endsWith("knative.dev") ? packages.knative : group.startsWith("gateway.") ? packages.gateway : "kubernetes-models";
  return [where, ...(group ? [group] : []), version, kind].join("/");
}

const source = [];
for (const [number, manifest] of JSON.parse(readFileSync(0, "utf8")).entries()) {
  const name = `${manifest.kind} ${manifest.metadata.name}`;
  try {
    const types = await import(pathToFileURL(join(modules, `${model(manifest)}.js`)));
    new types[manifest.kind](manifest).validate();
  } catch (fault) {
    console.log(`${name}: ${fault.message}`);
  }
  source.push(`import type { I${manifest.kind} as T${number} } from "${model(manifest)}";`);
  source.push(`export const manifest${number}: T${number} = ${JSON.stringify(manifest, null, 1)};`);
}
writeFileSync(out, source.join("\n"));
