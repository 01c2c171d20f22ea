/**
 * Lists the first `most` of `items` for a message, and says how many more there are: `a, b and 3 more`. Items that hold commas
 * are parted by semicolons: `a; b; and 3 more`.
 */
export function someOf(items: readonly string[], { most = 5, separator = ', ' }: ListOptions = {}): string {
  return withMore(items.slice(0, most), items.length - most, separator);
}

export interface ListOptions {
  /** Default: 5. */
  most?: number;
  separator?: Separator;
}

type Separator = ', ' | '; ';

/** The same for a list that is cut already: `more` items are not in `shown`. */
export function withMore(shown: readonly string[], more: number, separator: Separator = ', '): string {
  const list = shown.join(separator);
  if (more <= 0) return list;
  return `${list}${separator === '; ' ? ';' : ''} and ${more} more`;
}
