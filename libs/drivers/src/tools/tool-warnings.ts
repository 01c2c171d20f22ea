const MOST_WARNINGS = 20;
const LONGEST = 1_000;

/**
 * What a client tool complained of although it exited with 0, one text for each complaint, without the program's
 * name. `stderr` is redacted already. pg_dump and pg_restore put details and hints on lines of their own.
 */
export function toolWarnings(stderr: string): string[] {
  const warnings: string[] = [];
  for (const line of stderr.split('\n').map((text) => text.trim())) {
    if (line === '') continue;
    const [, kind, words = line] = /^[\w.-]+: (?:(warning|detail|hint): +)?(.*)$/.exec(line) ?? [];
    const last = warnings.length - 1;
    if ((kind === 'detail' || kind === 'hint') && last >= 0) {
      warnings[last] = `${warnings[last]} ${words}`.slice(0, LONGEST);
    } else {
      warnings.push(words.slice(0, LONGEST));
    }
  }
  const more = warnings.length - MOST_WARNINGS;
  return more <= 0 ? warnings : [...warnings.slice(0, MOST_WARNINGS), `and ${more} more like these`];
}
