import { createHash, randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '@app/domain';
import { MANIFEST_SUFFIX } from '@app/storage';
import { testSigner } from './test-signer.js';

/** Puts a whole backup into a folder, as if it had been made at `startedAt`; `more` changes its manifest. */
export async function storeBackup(
  folder: string,
  startedAt: string,
  more: Partial<Manifest> = {},
): Promise<{ manifest: Manifest; path: string }> {
  const time = new Date(startedAt);
  const content = `FAKE\n${startedAt}\nEND\n`;
  const artifact =
    more.artifact ?? `shop_${time.toISOString().replace(/[-:]/g, '').replace('T', '_').slice(0, 15)}.sql`;
  const manifest: Manifest = {
    manifest_version: 1,
    id: randomUUID(),
    artifact,
    kind: 'manual',
    db_type: 'PostgreSQL',
    database: 'shop',
    host: 'db',
    port: 5432,
    server: { flavour: 'PostgreSQL', version: '15.1' },
    tool: { name: 'fake_dump', flavour: 'PostgreSQL', version: '15.1' },
    format: 'plain',
    compression: 'none',
    size: content.length,
    sha256: createHash('sha256').update(content).digest('hex'),
    dump_size: content.length,
    started_at: time.toISOString(),
    completed_at: time.toISOString(),
    duration_ms: 0,
    database_settings: {},
    objects: { tables: 1 },
    warnings: [],
    verification: { level: 'complete', at: time.toISOString() },
    ...more,
  };
  const path = join(folder, artifact);
  await mkdir(folder, { recursive: true });
  await writeFile(path, content);
  await writeFile(path + MANIFEST_SUFFIX, testSigner.textOf(manifest));
  return { manifest, path };
}
