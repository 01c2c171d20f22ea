/** The type of an event: the version of its payload's schema, and at compile time the payload. */
export interface EventType<Payload extends object> {
  readonly version: number;
  /** It is never present. */
  readonly payload?: Payload;
}

/** Declares an event. The version grows with a change of the payload that older readers would misunderstand; a new optional field is none. */
export function event<Payload extends object>(version = 1): EventType<Payload> {
  return { version };
}
