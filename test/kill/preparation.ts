import { ask } from './api.js';
import type { Audit } from './audit.js';
import { STATES } from './states.js';
import type { Subject } from './subject.js';
import type { EngineName } from './target.js';

/** Of an operation that was never seen to end. */
const FIRST_USUAL_MS = 1_500;

/** How long operations take: those that succeeded last, mostly. */
export class UsualTimes {
  private readonly ms = new Map<string, number>();

  learn(engine: EngineName, kind: string, ms: number): void {
    const known = this.ms.get(`${engine} ${kind}`);
    this.ms.set(`${engine} ${kind}`, known === undefined ? ms : (known + ms) / 2);
  }

  of(engine: EngineName, kind: string): number {
    return this.ms.get(`${engine} ${kind}`) ?? FIRST_USUAL_MS;
  }
}

/** Backups of both states in every format and compression, which stay for the whole run. */
export async function prepareSubject(
  url: string,
  subject: Subject,
  { audit, usual, connect }: { audit: Audit; usual: UsualTimes; connect: () => Promise<void> },
): Promise<void> {
  const { target } = subject;
  const formats = target.engine === 'postgres' ? ['plain', 'custom'] : ['plain'];
  for (const state of STATES) {
    await target.build(state);
    if (subject.connectionId === '') await connect();
    for (const format of formats) {
      for (const compression of ['none', 'zstd']) {
        const began = Date.now();
        const { backup } = await ask<{ backup: { id: string } }>(url, 'POST', '/api/backup', {
          ...{ connection_id: subject.connectionId, format, compression },
        });
        usual.learn(target.engine, 'backup', Date.now() - began);
        await ask(url, 'POST', `/api/backups/${backup.id}/pin`, { pinned: true });
        audit.knows(backup.id, state);
      }
    }
    subject.state = state;
  }
}
