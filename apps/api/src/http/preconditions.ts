/** What identifies the bytes of an answer. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string;
  /** As the header has it. */
  readonly lastModified: string;
}

/**
 * Whether a range may be answered with a part: without `If-Range`, or where that names these very bytes. Weak tags and
 * dates that are not the exact one do not (RFC 9110, 13.1.5).
 */
export function isSameAs(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  return ifRange === undefined || ifRange.trim() === etag || ifRange.trim() === lastModified;
}

/**
 * Whether the caller has these bytes already (RFC 9110, 13.1). Unlike Express, whatever `Cache-Control` says: what is
 * meant by that are caches on the way, and `fetch` sends it with each `If-None-Match`.
 */
export function isKnown(
  ifNoneMatch: string | undefined,
  ifModifiedSince: string | undefined,
  { etag, lastModified }: Validators,
): boolean {
  if (ifNoneMatch === undefined) return Date.parse(ifModifiedSince ?? '') >= Date.parse(lastModified);
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}
