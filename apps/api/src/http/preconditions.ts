/** The validators that identify the bytes of an answer. */
export interface Validators {
  /** A strong tag, with its quotes. */
  readonly etag: string;
  /** The date in the format of the header. */
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
 * Whether the caller has these bytes already (RFC 9110, 13.1). Unlike Express this ignores `Cache-Control`, which is
 * meant for caches in between and which `fetch` sends with each `If-None-Match`.
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
