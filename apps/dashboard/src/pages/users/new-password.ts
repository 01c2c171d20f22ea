/** Without those that are mistaken for one another. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const SIGNS = '-_.+=';
const LENGTH = 24;

/**
 * A password that nobody guesses, 24 characters: about 140 bits. It holds each kind of character, as policies of servers
 * want it, and none that needs quotes in a shell or a URL.
 */
export function newPassword(random: (below: number) => number = randomBelow): string {
  const kinds = [/[a-z]/, /[A-Z]/, /[2-9]/, /[-_.+=]/];
  for (;;) {
    const alphabet = LETTERS + SIGNS;
    const text = Array.from({ length: LENGTH }, () => alphabet.charAt(random(alphabet.length))).join('');
    // No sign stands at an end, where it might be taken for an option or for the end of a sentence.
    const tidy = !SIGNS.includes(text.charAt(0)) && !SIGNS.includes(text.charAt(LENGTH - 1));
    if (tidy && kinds.every((kind) => kind.test(text))) return text;
  }
}

/** Evenly: what would favour the first letters is thrown again. */
function randomBelow(limit: number): number {
  const most = 256 - (256 % limit);
  for (;;) {
    const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < most) return byte % limit;
  }
}
