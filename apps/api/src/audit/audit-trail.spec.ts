import type { AuditRecord, Catalog } from '@app/catalog';
import type { Logger } from '@app/domain';
import { AuditTrail } from './audit-trail.js';
import type { AuditEntry } from './audit-trail.js';

const ENTRY: AuditEntry = {
  at: 1,
  actor: 'admin',
  address: '127.0.0.1',
  action: 'POST /api/backup',
  subject: 'shop',
  status: 200,
  details: {},
};

describe('AuditTrail', () => {
  let now: number;
  let written: AuditRecord[];
  let insert: (record: AuditRecord) => Promise<void>;
  let prune: (before: number) => number;
  let logged: [level: string, message: string][];
  let trail: AuditTrail;

  beforeEach(() => {
    now = Date.parse('2026-06-01T00:00:00Z');
    written = [];
    logged = [];
    insert = (record) => Promise.resolve(void written.push(record));
    prune = () => 0;
    const catalog = {
      audit: {
        insert: (record: AuditRecord) => insert(record),
        prune: (before: number) => Promise.resolve(prune(before)),
      },
    };
    const note = (level: string) => (_fields: object, message: string) => void logged.push([level, message]);
    const logger: Logger = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
    trail = new AuditTrail(catalog as unknown as Catalog, { now: () => new Date(now) }, logger);
  });

  /** Waits until every expected entry is written. */
  const ended = (): Promise<void> => trail.beforeApplicationShutdown();
  const expectMany = (count: number, refused: boolean): void => {
    for (let i = 0; i < count; i += 1) trail.expect(Promise.resolve({ entry: ENTRY, refused }));
  };

  it('writes down each answered request, under an id of its own', async () => {
    expectMany(2, false);
    await ended();
    expect(written).toMatchObject([ENTRY, ENTRY]);
    expect(new Set(written.map(({ id }) => id)).size).toBe(2);
  });

  it('tells the log when it cannot be written: the call has been answered', async () => {
    insert = () => Promise.reject(new Error('disk full'));
    expectMany(1, false);
    trail.expect(Promise.reject(new Error('no answer')));
    await ended();
    expect(logged.map(([level]) => level)).toEqual(['error', 'error']);
    expect(logged.map(([, message]) => message)).toEqual(
      expect.arrayContaining([
        'the audit trail could not be written: disk full',
        'the audit trail could not be written: no answer',
      ]),
    );
  });

  it('cannot be flooded by requests that are refused, and does not leave out others for them', async () => {
    expectMany(250, true);
    expectMany(3, false);
    await ended();
    expect(written).toHaveLength(103);
    expect(logged).toEqual([['warn', expect.stringContaining('very many requests are refused') as string]]);
    now += 60_000;
    expectMany(1, true);
    await ended();
    expect(written).toHaveLength(104);
  });

  it('has the last answers of a shutdown, and does not wait for those that never come', async () => {
    const { promise, resolve } = Promise.withResolvers<{ entry: AuditEntry; refused: boolean }>();
    trail.expect(promise);
    trail.expect(new Promise(() => undefined));
    setImmediate(() => resolve({ entry: ENTRY, refused: false }));
    await ended();
    expect(written).toHaveLength(1);
  });

  it('forgets after a year, some at a time', async () => {
    const asked: number[] = [];
    let left = 2_500;
    prune = (before) => {
      asked.push(before);
      const gone = Math.min(left, 1_000);
      left -= gone;
      return gone;
    };
    trail.onApplicationBootstrap();
    await ended();
    expect(left).toBe(0);
    expect(new Set(asked)).toEqual(new Set([Date.parse('2025-06-01T00:00:00Z')]));
  });
});
