/** `live`: events arrive. `lost`: they have not for a moment, and we try again. */
export type LiveState = 'connecting' | 'live' | 'lost';

/** One of the API's events; `data` is parsed. */
export interface LiveEvent {
  name: string;
  data: unknown;
}

export interface LiveListener {
  onState(state: LiveState): void;
  onEvent(event: LiveEvent): void;
  /** The stream is open; what was fetched before may be old. */
  onOpen(): void;
}

const EVENT_NAMES = ['job', 'backup', 'verification', 'restore', 'connection', 'schedule', 'status', 'reset'];
/** A stumble of this length is not worth a word. */
const LOST_AFTER_MS = 1500;
const RETRY_MS = [1000, 2000, 4000, 8000];
/** A page that nobody sees gives its connection back: a browser has six for one host. */
const HIDDEN_MS = 60_000;

/**
 * The API's server-sent events, for as long as the page is open. EventSource comes back by itself from a cut connection,
 * with the id of the last event; after an answer that is no stream (a proxy's 502) it gives up, and then we do not.
 */
export class LiveStream {
  private source: EventSource | undefined;
  private lastId: string | undefined;
  private failures = 0;
  private retry: ReturnType<typeof setTimeout> | undefined;
  private lost: ReturnType<typeof setTimeout> | undefined;
  private hidden: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly listener: LiveListener) {}

  start(): void {
    document.addEventListener('visibilitychange', this.onVisibility);
    this.open();
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.onVisibility);
    clearTimeout(this.hidden);
    this.close();
  }

  private open(): void {
    const resume = this.lastId === undefined ? '' : `?last_event_id=${encodeURIComponent(this.lastId)}`;
    const source = new EventSource(`/api/events${resume}`);
    this.source = source;
    source.addEventListener('open', () => {
      this.failures = 0;
      clearTimeout(this.lost);
      this.lost = undefined;
      this.listener.onState('live');
      this.listener.onOpen();
    });
    source.addEventListener('error', () => this.onError(source));
    for (const name of EVENT_NAMES) {
      source.addEventListener(name, (event: MessageEvent<string>) => {
        this.lastId = event.lastEventId;
        this.listener.onEvent({ name, data: JSON.parse(event.data) as unknown });
      });
    }
  }

  private onError(source: EventSource): void {
    this.lost ??= setTimeout(() => this.listener.onState('lost'), LOST_AFTER_MS);
    if (source.readyState !== EventSource.CLOSED) return;
    const wait = RETRY_MS[Math.min(this.failures, RETRY_MS.length - 1)];
    this.failures += 1;
    clearTimeout(this.retry);
    this.retry = setTimeout(() => this.open(), wait);
  }

  private close(): void {
    clearTimeout(this.retry);
    clearTimeout(this.lost);
    this.lost = undefined;
    this.source?.close();
    this.source = undefined;
  }

  private readonly onVisibility = (): void => {
    clearTimeout(this.hidden);
    if (document.visibilityState === 'hidden') {
      this.hidden = setTimeout(() => this.close(), HIDDEN_MS);
    } else if (this.source === undefined) {
      this.open();
    }
  };
}
