/** Names that may have been meant: within two slips of the pen, and fewer than there are letters. */

const FARTHEST = 2;

export function closest(written: string, candidates: readonly string[], most = 3): string[] {
  return candidates
    .map((name, place) => ({ name, place, far: distance(written.toLowerCase(), name.toLowerCase()) }))
    .filter(({ far }) => far <= FARTHEST && far < written.length)
    .sort((one, other) => one.far - other.far || one.place - other.place)
    .slice(0, most)
    .map(({ name }) => name);
}

/** Levenshtein's distance, over UTF-16 code units. */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, place) => place);
  for (let i = 0; i < one.length; i += 1) {
    const next = [i + 1];
    for (let j = 0; j < other.length; j += 1) {
      const replaced = (row[j] ?? 0) + (one[i] === other[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
}
