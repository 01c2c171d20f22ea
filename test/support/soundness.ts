import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lastingDescendants } from './child-processes.js';
import type { Answer, Before, FaultFixture } from './fault-fixture.js';
import { DATABASE } from './fault-fixture.js';
import type { Content } from './fault-sides.js';
import { runSql } from './run-sql.js';

const MANIFEST = '.manifest.json';
/** What stands beside an artifact. */
const COMPANION = /\.(manifest\.json|globals\.sql)$/;

export interface SoundnessOptions {
  /** The server was away when there was something to tidy up on it: that is done before the next work on the database. */
  tidiesLater?: boolean;
}

/** The fault was told, in these words, and everything is as before it. */
export async function expectNothingHappened(
  fixture: FaultFixture,
  before: Before,
  answer: Answer,
  told: { code: string | RegExp; message?: RegExp; status?: number } & SoundnessOptions,
): Promise<void> {
  const { code, message } = answer.body;
  expect({ success: answer.body['success'], code, message }).toEqual({
    success: false,
    code: typeof told.code === 'string' ? told.code : (expect.stringMatching(told.code) as unknown),
    message: expect.stringMatching(told.message ?? /./) as unknown,
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  if (told.status !== undefined) expect(answer.status).toBe(told.status);
  const known = before.backups.map(({ id }) => id);
  // What a restore in place put aside before it began is a backup like any other.
  const now = (await fixture.backups()).filter(({ id, kind }) => known.includes(id) || kind !== 'safety');
  expect(now.map(({ id }) => id)).toEqual(known);
  await expectSound(fixture, before.content, told);
}

/**
 * What must hold after any fault: the database is exactly this, every backup that is listed is whole, and nothing is left over. After
 * the first fault of a number, and once more before the fixture stops, also the full look: see `expectNextBackup` and ADR 47.
 */
export async function expectSound(
  fixture: FaultFixture,
  content: Content,
  { tidiesLater = false }: SoundnessOptions = {},
): Promise<void> {
  await fixture.idle();
  expect(await fixture.content()).toEqual(content);
  expect(await leftovers(fixture, tidiesLater)).toEqual([]);
  await expectBackupsWhole(fixture);

  const number = faultNumber();
  if (tidiesLater || !fixture.lookedAfter.has(number)) {
    await expectNextBackup(fixture, content);
    fixture.lookedAfter.add(number);
    fixture.owed = undefined;
  } else {
    // Whatever this fault has spoiled for good is found by the next full look, at the latest by the one before the fixture stops.
    fixture.owed = async () => expectNextBackup(fixture, await fixture.content());
  }
}

/** The service makes the next backup, which restores to exactly this, and leaves nothing over. */
async function expectNextBackup(fixture: FaultFixture, content: Content): Promise<void> {
  const next = await fixture.goodBackup({ backup_name: 'next' });
  expect(await restoredContent(fixture, next.path)).toEqual(content);
  expect(await leftovers(fixture)).toEqual([]);
}

/** The first number of a fault in the title of the running test; the whole title where it has none. */
function faultNumber(): string {
  const title = expect.getState().currentTestName ?? '';
  return /(?:^|\s)(?:FAILURES )?(\d+)(?:, \d+)*: /.exec(title)?.[1] ?? title;
}

/** What a backup holds, by restoring it into a database of its own. */
export async function restoredContent(fixture: FaultFixture, path: string): Promise<Content> {
  try {
    expect(await fixture.restore(path, { target_database: 'proof' })).toMatchObject({ status: 200 });
    return await fixture.content('proof');
  } finally {
    await runSql(fixture.admin, ['drop database if exists proof']);
  }
}

/** One with all copies of it that restores have put aside. */
export async function dropDatabases(fixture: FaultFixture, name: string): Promise<void> {
  for (const database of await databases(fixture)) {
    if (database !== name && !database.startsWith(`${name}__before_`)) continue;
    await runSql(fixture.admin, [`drop database ${database}`]);
  }
}

/** Ours are as their manifests say, byte by byte; long known ones are looked at, but not read again. */
async function expectBackupsWhole(fixture: FaultFixture): Promise<void> {
  const backups = (await fixture.backups()).filter(({ filename }) => !fixture.placed.has(filename));
  for (const [age, { id, filename, status }] of backups.entries()) {
    expect({ filename, status }).toEqual({ filename, status: 'complete' });
    if (age >= 3 && fixture.readBack.has(id)) continue;
    fixture.readBack.add(id);
    const { body } = await fixture.call('POST', `/api/backups/${id}/verify`, { level: 'stored' });
    expect(body).toMatchObject({ success: true, backup: { status: 'complete', verification: { failed: null } } });
  }
}

/** What should not be there any more, in words: files, processes, databases. */
async function leftovers(fixture: FaultFixture, exceptDatabases = false): Promise<string[]> {
  const left = [...(await strayFiles(fixture)), ...(exceptDatabases ? [] : await strayDatabases(fixture))];
  for (const command of await lastingDescendants(fixture.service.pid)) left.push(`the process ${command}`);
  return left;
}

async function strayFiles(fixture: FaultFixture): Promise<string[]> {
  const files = await fixture.files();
  const stray = files.filter((name) => {
    if (fixture.placed.has(name)) return false;
    const artifact = name.replace(COMPANION, '');
    const partner = name.endsWith(MANIFEST) ? artifact : artifact + MANIFEST;
    return name.endsWith('.partial') || !files.includes(partner);
  });
  for (const folder of ['data/runtime', 'tmp']) {
    const names = await readdir(fixture.seen(folder)).catch(() => []);
    stray.push(...names.map((name) => join(folder, name)));
  }
  return stray.map((name) => `the file ${name}`);
}

/** Besides what restores have put aside to be undone. */
async function strayDatabases(fixture: FaultFixture): Promise<string[]> {
  const names = await databases(fixture);
  const { body } = await fixture.call('GET', '/api/restores?limit=500');
  const swapped = (body['restores'] as { strategy: string; state: string }[]).filter(
    ({ strategy, state }) => strategy === 'swap' && state === 'succeeded',
  );
  const kept = names.filter((name) => name.startsWith(`${DATABASE}__before_`));
  const stray = names.filter((name) => name !== DATABASE && !kept.includes(name));
  if (kept.length > swapped.length) stray.push(...kept);
  return stray.map((name) => `the database ${name}`);
}

async function databases(fixture: FaultFixture): Promise<string[]> {
  const query =
    fixture.side.name === 'PostgreSQL'
      ? `select datname as name from pg_database where datname not in ('postgres', 'template0', 'template1')`
      : `select schema_name as name from information_schema.schemata
          where schema_name not in ('mysql', 'sys', 'information_schema', 'performance_schema')`;
  return (await runSql(fixture.admin, [query])).map(({ name }) => String(name));
}
