import type { ApiClient } from './api-client.js';
import { DemoFailure } from './demo-failure.js';
import { green, heading, print, red, table, yellow } from './printer.js';
import type { Cell } from './printer.js';
import { DATABASE, TABLES, isSame } from './sample-shop.js';
import type { SampleShop, Snapshot, TableState } from './sample-shop.js';

/** Backs the shop up and verifies the backup, damages the shop, restores it, and undoes that. Throws on any difference. */
export async function demonstrate(shop: SampleShop, api: ApiClient): Promise<void> {
  const { title, server } = shop;
  const before = await shop.snapshot();

  heading(`${title}: connect, back up and verify by a restore on a verification server, list`);
  await api.post('/api/connect', {
    db_type: shop.dbType,
    host: server.host,
    port: String(server.port),
    database: DATABASE,
    username: server.username,
    password: server.password,
  });
  await api.post('/api/backup', { verification: 'restored' });
  const { path: file, id } = newestBackup(await api.get('/api/backups'), shop.dbType);
  requireVerified(await api.get(`/api/backups/${id}`));

  heading(`${title}: a bad day`);
  for (const statement of shop.damage) {
    print(yellow(`SQL> ${statement};`));
    await shop.run(statement);
  }
  const damaged = await shop.snapshot();

  heading(`${title}: restore`);
  const restored = await api.post('/api/restore', { backup_file_path: file });
  compare(title, before, damaged, await shop.snapshot());

  heading(`${title}: undo the restore, and undo that`);
  const undone = await api.post(`/api/restores/${idOf(restored)}/undo`, {});
  requireSame(`${title}: undone`, await shop.snapshot(), damaged);
  await api.post(`/api/restores/${idOf(undone)}/undo`, {});
  requireSame(`${title}: undone again`, await shop.snapshot(), before);
  print(green(`${title}: the damage came back, and went again. Each state is kept for RESTORE_UNDO_HOURS.`));
}

const idOf = (answer: Record<string, unknown>): string => (answer['restore'] as { id: string }).id;

function requireVerified(answer: Record<string, unknown>): void {
  const { verification } = answer['backup'] as { verification: { level: string } };
  if (verification.level !== 'restored') throw new DemoFailure('The backup is not verified.');
}

function requireSame(what: string, found: Snapshot, wanted: Snapshot): void {
  const different = TABLES.filter((name) => !(isSame(found[name], wanted[name]) || found[name] === wanted[name]));
  if (different.length > 0) throw new DemoFailure(`${what}, but not as it should be: ${different.join(', ')}.`);
}

function newestBackup(answer: Record<string, unknown>, dbType: string): { path: string; id: string } {
  const backups = answer['backups'] as { path: string; id: string; db_type: string; database: string }[];
  const newest = backups.find((backup) => backup.db_type === dbType && backup.database === DATABASE);
  if (newest === undefined) throw new DemoFailure('The new backup is not in the list.');
  return newest;
}

function compare(title: string, before: Snapshot, damaged: Snapshot, after: Snapshot): void {
  heading(`${title}: rows and checksum of each table`);
  const cell = (state: TableState | undefined, original: TableState | undefined): Cell => ({
    text: state === undefined ? 'missing' : `${state.rows.toLocaleString('en')} ${state.checksum.slice(0, 8)}`,
    paint: isSame(state, original) ? green : red,
  });
  const rows = TABLES.map((name): Cell[] => {
    const whole = isSame(after[name], before[name]);
    return [
      { text: name },
      cell(before[name], before[name]),
      cell(damaged[name], before[name]),
      cell(after[name], before[name]),
      whole ? { text: 'as before', paint: green } : { text: 'DIFFERENT', paint: red },
    ];
  });
  table(['table', 'before', 'damaged', 'restored', ''], rows);
  print();
  const hurt = TABLES.filter((name) => !isSame(damaged[name], before[name]));
  if (hurt.length === 0) throw new DemoFailure('The damage did no damage: the demo shows nothing.');
  const different = TABLES.filter((name) => !isSame(after[name], before[name]));
  if (different.length > 0) throw new DemoFailure(`${title}: not as before: ${different.join(', ')}.`);
  print(green(`${title}: all ${TABLES.length} tables are as they were before the damage.`));
}
