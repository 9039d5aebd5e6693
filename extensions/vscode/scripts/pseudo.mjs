// A language nobody speaks, for tests: every letter of a translated text has an accent, so that a plain one was never
// translated. `node scripts/pseudo.mjs <folder>` writes what a translator would send back.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The name Windows and VS Code give such a language. */
export const LOCALE = "qps-ploc";

const PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ACCENTED = "áƀćďéƒğĥíĵķĺɱñóƥʠŕšťúṽŵẋýžÁƁĆĎÉƑĞĤÍĴĶĹṀÑÓƤɊŔŠŤÚṼŴẊÝŽ";
const ACCENTS = new Map([...PLAIN].map((letter, place) => [letter, [...ACCENTED][place]]));

// what a translator leaves as it is: `code`, {0}, the target of a link, an address
const KEPT = /(`[^`]*`|\{\d+\}|\]\([^)]*\)|https?:\/\/\S*)/;

export function pseudo(text) {
  const accented = (part) => [...part].map((letter) => ACCENTS.get(letter) ?? letter).join("");
  return text.split(KEPT).map((part, place) => (place % 2 === 1 ? part : accented(part))).join("");
}

function translate(name, folder) {
  const texts = JSON.parse(readFileSync(new URL(`../${name}.json`, import.meta.url), "utf8"));
  const translated = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, pseudo(text)]));
  writeFileSync(join(folder, `${name}.${LOCALE}.json`), JSON.stringify(translated));
}

if (import.meta.filename === process.argv[1]) {
  const [folder] = process.argv.slice(2);
  mkdirSync(join(folder, "l10n"), { recursive: true });
  for (const name of ["package.nls", "l10n/bundle.l10n"]) translate(name, folder);
}
