/** Text from elsewhere, before a person sees it. */

const LONGEST = 500;

/** Return a server's sentence on one line, without control characters. */
export function cleaned(text: string): string {
  return (
    text
      .replace(/\s*[\r\n\u2028\u2029]+\s*/g, " ")
      .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
      .slice(0, LONGEST)
  );
}

/** Return text that Markdown shows as it is written. */
export function plain(text: string): string {
  return cleaned(text).replace(/[\\`*_{}[\]()#+\-.!|<>~&$:@]/g, "\\$&");
}
