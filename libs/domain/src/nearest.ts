/** The Levenshtein distance: how many characters are added, removed or replaced. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + same));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/** A third of the characters may be wrong, or two in a short name. */
const ERRORS_SHARE = 3;
const LEAST_ERRORS = 2;
const LONGEST_NAME = 255;

/** Returns the name that was probably meant; undefined when none is similar. Letter case, `-`, `_` and ` ` do not count. */
export function nearestOf(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string): string => text.slice(0, LONGEST_NAME).toLowerCase().replace(/[-_ ]/g, '');
  const wanted = plain(name);
  const most = Math.max(LEAST_ERRORS, Math.floor(wanted.length / ERRORS_SHARE));
  return known
    .map((one) => ({ one, steps: editDistance(wanted, plain(one)) }))
    .filter(({ one, steps }) => steps <= most && steps < plain(one).length)
    .toSorted((a, b) => a.steps - b.steps || (a.one < b.one ? -1 : 1))
    .at(0)?.one;
}
