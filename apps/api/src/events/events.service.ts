import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { Response } from 'express';
import { DomainError } from '@app/domain';
import { EventLog } from '@app/events';
import { Shutdown } from '@app/runtime';
import { EventStream } from './event-stream.js';
import { dataOf } from './events.dto.js';

/** Shorter than the patience of any proxy. */
export const KEEP_ALIVE_MS = Symbol('KeepAliveMs');

/** Everybody who watches what happens. */
@Injectable()
export class EventsService implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly streams = new Set<EventStream>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly shutdown: Shutdown,
    @Inject(KEEP_ALIVE_MS) private readonly keepAliveMs: number,
  ) {
    shutdown.signal.addEventListener('abort', () => this.endAll(), { once: true });
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => {
      for (const stream of this.streams) stream.keepAlive();
    }, this.keepAliveMs).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /**
   * Answers with every event from now on, or after `lastId`, until the reader leaves or the service ends. SHUTTING_DOWN
   * when it ends already.
   */
  watch(response: Response, lastId: string | undefined): void {
    if (this.shutdown.shuttingDown) {
      throw new DomainError('SHUTTING_DOWN', 'The service is shutting down.', { hint: 'Watch again in a moment.' });
    }
    const stream = new EventStream(response, lastId ?? this.log.lastId);
    const { missed, unsubscribe } = this.log.subscribe(
      (event) => stream.send({ id: event.id, name: event.type, data: dataOf(event) }),
      lastId,
    );
    if (missed) stream.send({ id: this.log.lastId, name: 'reset', data: {} });
    stream.goLive();
    this.streams.add(stream);
    response.once('close', () => {
      unsubscribe();
      this.streams.delete(stream);
    });
  }

  private endAll(): void {
    for (const stream of this.streams) stream.end();
  }
}
