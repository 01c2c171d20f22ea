import { cp, mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const CATALOG = 'data/catalog.sqlite';

/** The steps of restores that a dead service has left in its catalog; none where that is on a server. */
export async function journalsIn(home: string): Promise<string[]> {
  if (!existsSync(join(home, CATALOG))) return [];
  const folder = await mkdtemp(join(tmpdir(), 'journals-'));
  try {
    // What a death has left is looked at in a copy: to open it would already mend it.
    for (const suffix of ['', '-wal']) {
      const file = join(home, CATALOG + suffix);
      if (existsSync(file)) await cp(file, join(folder, `catalog${suffix}`));
    }
    const database = new DatabaseSync(join(folder, 'catalog'));
    try {
      const rows = database.prepare('select journal from restores where journal is not null').all();
      return rows.map(({ journal }) => String((JSON.parse(String(journal)) as { step?: unknown }).step));
    } finally {
      database.close();
    }
  } catch (error) {
    // Killed before it had made its tables.
    if (/no such table/.test(String(error))) return [];
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
