import { messageOf } from '@app/domain';
import type { Logger } from '@app/domain';
import { Client } from 'pg';
import type { PoolConfig } from 'pg';

const RETRY_MS = 5_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Listens on a channel over a connection of its own, and connects again when that breaks. Where a pooler between cannot pass
 * notices on, none arrives: whoever needs certainty must look from time to time.
 */
export class PostgresListener {
  private client: Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private closed = false;
  private connecting: Promise<void>;

  constructor(
    private readonly config: PoolConfig,
    private readonly channel: string,
    private readonly onNotice: () => void,
    private readonly logger: Logger,
  ) {
    this.connecting = this.connect();
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    const { client } = this;
    // A server that is frozen says no goodbye.
    const timer = setTimeout(() => client?.connection.stream.destroy(), CLOSE_WITHIN_MS);
    await Promise.all([this.connecting, client?.end().catch(() => undefined)]);
    clearTimeout(timer);
  }

  private async connect(): Promise<void> {
    const { max: _max, ...config } = this.config;
    const client = new Client(config);
    this.client = client;
    client.on('notification', () => this.onNotice());
    client.on('error', (error) => this.lost(client, error));
    client.on('end', () => this.lost(client));
    try {
      await client.connect();
      await client.query(`listen ${client.escapeIdentifier(this.channel)}`);
      // Transactions may have been committed while nobody listened.
      this.onNotice();
    } catch (error) {
      this.lost(client, error);
    }
  }

  private lost(client: Client, error?: unknown): void {
    if (this.client !== client || this.closed) return;
    this.client = undefined;
    this.logger.debug({ error: messageOf(error) }, 'the catalog gives no notices for the moment');
    client.end().catch(() => undefined);
    this.timer = setTimeout(() => {
      this.connecting = this.connect();
    }, RETRY_MS).unref();
  }
}
