/** Every sentence a person reads passes `say`: the host sets the translation, a test needs none. */

export type Translate = (text: string, ...args: string[]) => string;

let translation: Translate = fill;

/** Put arguments where `{0}`, `{1}` stand. */
export function fill(text: string, ...args: string[]): string {
  return text.replace(/\{(\d+)\}/g, (whole, place: string) => args[Number(place)] ?? whole);
}

export function translateWith(translate: Translate): void {
  translation = translate;
}

/** Return a text in the person's language; the English text is its key. */
export function say(text: string, ...args: string[]): string {
  return translation(text, ...args);
}
