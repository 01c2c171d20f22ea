import type { Backup } from '../backup-words.js';
import { lossOf } from './loss.js';

const backup = (created: number, level: string, change: object = {}): Backup =>
  ({
    path: `./backups/${created}.sql`,
    created,
    database: 'shop',
    db_type: 'PostgreSQL',
    connection_id: 'c1',
    status: 'complete',
    verification: { level, failed: null },
    ...change,
  }) as Backup;

describe('what is lost with a backup', () => {
  const old = backup(1, 'restored');
  const verified = backup(2, 'restored');
  const stored = backup(3, 'stored');
  const all = [stored, verified, old];

  it('says whether it is the newest verified backup, and which is the next one', () => {
    expect(lossOf(verified, all)).toEqual({ newestVerified: true, nextVerified: old, remaining: 2 });
    expect(lossOf(old, all)).toMatchObject({ newestVerified: false });
    expect(lossOf(stored, all)).toMatchObject({ newestVerified: false, nextVerified: verified });
  });

  it('counts neither other databases nor what nobody could restore', () => {
    const others = [
      backup(4, 'restored', { database: 'billing' }),
      backup(5, 'restored', { db_type: 'MySQL' }),
      backup(6, 'restored', { connection_id: 'c2' }),
      backup(7, 'restored', { status: 'damaged' }),
      backup(8, 'restored', { verification: { level: 'restored', failed: { at: '', message: '' } } }),
    ];
    expect(lossOf(verified, [...others, verified])).toEqual({ newestVerified: true, nextVerified: undefined, remaining: 0 });
  });

  it('counts a copy of it in another folder as one that stays', () => {
    expect(lossOf(verified, [verified, { ...verified, path: './copy/2.sql' }])).toMatchObject({ remaining: 1 });
  });
});
