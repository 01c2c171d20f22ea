export interface SeenEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}

export interface EventReader {
  readonly status: number;
  readonly headers: Headers;
  /** All so far, oldest first. */
  readonly seen: readonly SeenEvent[];
  /** Where the reader is: for the next one's `lastId`. */
  readonly lastId: string | undefined;
  /** The first event that fits, of those seen or to come. */
  until(fits: (event: SeenEvent) => boolean): Promise<SeenEvent>;
  /** Resolves when the service has ended the answer in good order. */
  readonly ended: Promise<void>;
  leave(): void;
}

/** Watches `/api/events` as a browser's EventSource does, without coming back by itself. */
export async function readEvents(url: string, options: { lastId?: string } = {}): Promise<EventReader> {
  const leaving = new AbortController();
  const response = await fetch(url, {
    signal: leaving.signal,
    headers: options.lastId === undefined ? {} : { 'last-event-id': options.lastId },
  });
  const seen: SeenEvent[] = [];
  let lastId = options.lastId;
  let changed = Promise.withResolvers<void>();

  const take = (block: string): void => {
    const fields = new Map(
      block
        .split('\n')
        .filter((line) => !line.startsWith(':'))
        .map((line): [string, string] => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
    );
    lastId = fields.get('id') ?? lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    seen.push({
      id: lastId ?? '',
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as Record<string, unknown>,
    });
    changed.resolve();
    changed = Promise.withResolvers();
  };

  const read = async (): Promise<void> => {
    let rest = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const blocks = (rest + chunk).split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) take(block);
    }
  };
  const ended = read();
  ended.catch(() => undefined);

  return {
    status: response.status,
    headers: response.headers,
    seen,
    get lastId() {
      return lastId;
    },
    async until(fits) {
      for (;;) {
        const event = seen.find(fits);
        if (event !== undefined) return event;
        await changed.promise;
      }
    },
    ended,
    leave: () => leaving.abort(),
  };
}
