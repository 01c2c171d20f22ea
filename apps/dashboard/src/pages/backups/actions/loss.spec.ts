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
  const proven = backup(2, 'restored');
  const stored = backup(3, 'stored');
  const all = [stored, proven, old];

  it('is the newest proof there is, where it is that', () => {
    expect(lossOf(proven, all)).toEqual({ newestProven: true, nextProven: old, remaining: 2 });
    expect(lossOf(old, all)).toMatchObject({ newestProven: false });
    expect(lossOf(stored, all)).toMatchObject({ newestProven: false, nextProven: proven });
  });

  it('counts neither other databases nor what nobody could restore', () => {
    const others = [
      backup(4, 'restored', { database: 'billing' }),
      backup(5, 'restored', { db_type: 'MySQL' }),
      backup(6, 'restored', { connection_id: 'c2' }),
      backup(7, 'restored', { status: 'damaged' }),
      backup(8, 'restored', { verification: { level: 'restored', failed: { at: '', message: '' } } }),
    ];
    expect(lossOf(proven, [...others, proven])).toEqual({ newestProven: true, nextProven: undefined, remaining: 0 });
  });

  it('counts a copy of it in another folder as one that stays', () => {
    expect(lossOf(proven, [proven, { ...proven, path: './copy/2.sql' }])).toMatchObject({ remaining: 1 });
  });
});
