import { Injectable } from '@nestjs/common';
import { DomainError } from '@app/domain';
import type { ConnectionParams, ServerInfo } from '@app/domain';

/** A connection of the catalog, with its secrets opened. */
export interface Wanted {
  readonly id: string;
  readonly params: ConnectionParams;
}

export interface Connected extends Wanted {
  readonly server: ServerInfo;
}

/**
 * The connection on which the specification's calls act. `wanted` is the connection that the service shall
 * have; `connected` is set once its server has answered. No session is held open: each operation opens its own.
 */
@Injectable()
export class ActiveConnection {
  private state: { wanted?: Wanted; connected?: Connected; trouble?: DomainError } = {};

  get connected(): Connected | undefined {
    return this.state.connected;
  }

  get wanted(): Wanted | undefined {
    return this.state.wanted;
  }

  /** Why there is no connection although one is wanted. */
  get trouble(): DomainError | undefined {
    return this.state.trouble;
  }

  connect(connected: Connected): void {
    this.state = { wanted: connected, connected };
  }

  disconnect(): void {
    this.state = {};
  }

  /** `wanted` is undefined if even the parameters cannot be read. */
  miss(wanted: Wanted | undefined, trouble: DomainError): void {
    this.state = { ...(wanted === undefined ? {} : { wanted }), trouble };
  }

  /** The connection for a user's call. Throws NOT_CONNECTED, with the reason if it is known. */
  require(): Connected {
    if (this.state.connected !== undefined) return this.state.connected;
    throw this.notConnected();
  }

  /** For the schedule, which tries a server that did not answer earlier once more: NOT_CONNECTED without parameters. */
  requireWanted(): Wanted {
    if (this.state.wanted !== undefined) return this.state.wanted;
    throw this.notConnected();
  }

  private notConnected(): DomainError {
    const { trouble } = this.state;
    if (trouble === undefined) {
      return new DomainError('NOT_CONNECTED', 'No database is connected.', { hint: 'Connect with POST /api/connect.' });
    }
    return new DomainError('NOT_CONNECTED', `The database is not connected: ${trouble.message}`, {
      hint: trouble.hint ?? 'The service keeps trying; POST /api/connect connects at once, or to another database.',
    });
  }
}
