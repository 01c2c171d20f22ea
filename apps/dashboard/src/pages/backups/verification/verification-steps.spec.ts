import type { Schemas } from '../../../api/client.js';
import { verificationSteps } from './verification-steps.js';

type Verification = Schemas['VerificationEntry'];

const MANIFEST = { tool: { name: 'pg_dump' }, completed_at: '2026-11-22T10:15:02Z' } as Schemas['ManifestEntry'];
const DETAILS = { server: 'PostgreSQL 17.6', tables: 4, rows: 12, compared_with: 'dump', restore_ms: 900 } as const;

const steps = (verification: Partial<Verification> | null, status = 'complete', manifest: typeof MANIFEST | null = MANIFEST) =>
  verificationSteps(
    {
      status,
      verification:
        verification === null
          ? null
          : { level: 'complete', at: '2026-11-22T11:00:00Z', failed: null, details: null, untried: null, ...verification },
    } as Schemas['CatalogedBackup'],
    manifest,
  );
const states = (...given: Parameters<typeof steps>) => steps(...given).map(({ state }) => state);

describe('the verification steps of a backup', () => {
  it('follow the level of the backup', () => {
    expect(states({ level: 'complete' })).toEqual(['done', 'open', 'open']);
    expect(states({ level: 'stored' })).toEqual(['done', 'done', 'open']);
    expect(states({ level: 'restored', details: DETAILS })).toEqual(['done', 'done', 'done']);
  });

  it('say what was found, and when', () => {
    const [complete, stored, restored] = steps({ level: 'restored', details: { ...DETAILS, warnings: ['other owner'] } });
    expect(complete).toMatchObject({ at: '2026-11-22T10:15:02Z', words: expect.stringContaining('pg_dump') as string });
    expect(stored?.at).toBe('2026-11-22T11:00:00Z');
    expect(restored?.words).toBe(
      'Loaded into a PostgreSQL 17.6 verification server without an error: 4 tables, 12 rows, as the dump itself holds.',
    );
    expect(restored?.remarks).toEqual(['other owner']);
    const content = steps({ level: 'restored', details: { ...DETAILS, compared_with: 'snapshot', compared: 'content' } });
    expect(content[2]?.words).toMatch(/4 tables, 12 rows and every value, as in the dump’s own snapshot\.$/);
    const most = steps({ level: 'restored', details: { ...DETAILS, compared: 'content', by_count: ['carts', 'visits'] } });
    expect(most[2]?.words).toContain('12 rows and every value except those of carts, visits,');
  });

  it('show a failure at the step that failed, in the words of the API', () => {
    const failure = { at: '2026-11-23T00:00:00Z', message: 'a row is missing' };
    expect(states({ level: 'stored', failed: { ...failure, level: 'restored' } })).toEqual(['done', 'done', 'failed']);
    expect(states({ level: 'stored', failed: failure })).toEqual(['done', 'failed', 'open']);
    expect(steps({ failed: failure })[1]).toMatchObject({ at: failure.at, words: failure.message });
  });

  it('do not show what could not be tried as a failure', () => {
    const untried = { at: '2026-11-23T00:00:00Z', message: 'no server is installed' };
    expect(states({ level: 'stored', untried })).toEqual(['done', 'done', 'untried']);
    expect(steps({ level: 'stored', untried })[2]?.words).toBe(untried.message);
  });

  it('fail for a file that differs from its manifest, or has no readable manifest', () => {
    expect(states({ level: 'complete' }, 'damaged')).toEqual(['done', 'failed', 'open']);
    expect(states(null, 'damaged', null)).toEqual(['failed', 'failed', 'open']);
  });
});
