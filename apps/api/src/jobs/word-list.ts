/** Words with commas between them, in any case, as a query carries them: `queued, Running`. */
function partsOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');
}

/** Says what is wrong with a list that may hold only `words`; undefined if it is valid. */
export function wordListFault(words: readonly string[]) {
  return (text: string): string | undefined => {
    const parts = partsOf(text);
    const right = parts.length > 0 && parts.every((part) => words.includes(part));
    return right ? undefined : `must be one or more of ${words.join(', ')}, with commas between them`;
  };
}

/** The words of a valid list. */
export function wordsOf<Word extends string>(words: readonly Word[], text: string): Word[] {
  const parts = partsOf(text);
  return words.filter((word) => parts.includes(word));
}
