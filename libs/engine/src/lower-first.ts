/** A sentence as it goes on after a colon: its first word in lower case, unless it is a name or an abbreviation. */
export function lowerFirst(sentence: string): string {
  return /^[A-Z][a-z ]/.test(sentence) ? sentence.charAt(0).toLowerCase() + sentence.slice(1) : sentence;
}
