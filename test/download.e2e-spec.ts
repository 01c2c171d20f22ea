import { createHash } from 'node:crypto';
import { readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startPostgres } from '@app/sandbox';
import type { SandboxServer } from '@app/sandbox';
import { startApi } from './support/api-harness.js';
import type { RunningApi } from './support/api-harness.js';
import { runSql } from './support/run-sql.js';

interface Listed {
  id: string;
  filename: string;
  size: number;
  sha256: string;
  status: string;
}

const FOREIGN = 'läden "alt".sql';
const DUMP = '-- PostgreSQL database dump\n\nSET statement_timeout = 0;\n\n-- PostgreSQL database dump complete\n';

describe('GET /api/backups/:id/download', () => {
  let server: SandboxServer;
  let api: RunningApi;
  let own: Listed;
  let foreign: Listed;

  const address = ({ id }: { id: string }): string => `${api.url}/api/backups/${id}/download`;
  const download = (backup: { id: string }, headers: Record<string, string> = {}, method = 'GET') =>
    fetch(address(backup), { method, headers: { connection: 'close', ...headers } });
  const bytesOf = async (answer: Response): Promise<Buffer> => Buffer.from(await answer.arrayBuffer());

  beforeAll(async () => {
    [server, api] = await Promise.all([startPostgres(), startApi()]);
    await runSql(server.connection('postgres'), ['create database shop']);
    // More than fits into the buffers between a service and a caller who does not read.
    await runSql(server.connection('shop'), [
      'create table items as select i, md5(i::text) || repeat(md5((i * 7)::text), 20) as label from generate_series(1, 40000) i',
    ]);
    await api.call('POST', '/api/connect', {
      ...{ db_type: 'PostgreSQL', host: server.host, port: server.port, database: 'shop' },
      ...{ username: server.username, password: server.password },
    });
    own = (await api.call('POST', '/api/backup')).body['backup'] as Listed;
    await writeFile(join(api.workingDirectory, 'backups', FOREIGN), DUMP);
    const { backups } = (await api.call('GET', '/api/backups')).body as unknown as { backups: Listed[] };
    foreign = backups.find(({ filename }) => filename === FOREIGN) as Listed;
  });
  afterAll(async () => {
    await api.close();
    await server.stop();
  });

  it('hands out the file as it is stored, under its name, with the digest of what was written', async () => {
    const answer = await download(own);
    const content = await bytesOf(answer);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-length': String(own.size),
      'content-disposition': `attachment; filename="${own.filename}"`,
      'accept-ranges': 'bytes',
      etag: `"${own.sha256}"`,
      'repr-digest': `sha-256=:${Buffer.from(own.sha256, 'hex').toString('base64')}:`,
      'cache-control': 'private, no-cache',
    });
    expect(Date.parse(answer.headers.get('last-modified') ?? '')).toBeLessThanOrEqual(Date.now());
    expect(createHash('sha256').update(content).digest('hex')).toBe(own.sha256);
  });

  it('goes on where a download broke off, and only with the same file', async () => {
    const whole = await bytesOf(await download(own));
    const middle = Math.floor(own.size / 2);
    const rest = await download(own, { range: `bytes=${middle}-`, 'if-range': `"${own.sha256}"` });
    expect(rest.status).toBe(206);
    expect(rest.headers.get('content-range')).toBe(`bytes ${middle}-${own.size - 1}/${own.size}`);
    expect(rest.headers.get('content-length')).toBe(String(own.size - middle));
    expect((await bytesOf(rest)).equals(whole.subarray(middle))).toBe(true);

    const piece = await download(own, { range: 'bytes=100-199' });
    expect([piece.status, (await bytesOf(piece)).toString()]).toEqual([206, whole.subarray(100, 200).toString()]);
    const tail = await download(own, { range: 'bytes=-7' });
    expect([tail.status, (await bytesOf(tail)).toString()]).toEqual([206, whole.subarray(-7).toString()]);

    const other = await download(own, { range: `bytes=${middle}-`, 'if-range': '"another"' });
    expect([other.status, (await bytesOf(other)).length]).toEqual([200, own.size]);
  });

  it('says how many bytes there are to who asks for others', async () => {
    const answer = await download(own, { range: `bytes=${own.size}-` });
    expect(answer.status).toBe(416);
    expect(answer.headers.get('content-range')).toBe(`bytes */${own.size}`);
    expect(await answer.json()).toMatchObject({ success: false, message: 'The file has no such bytes.' });
  });

  it('sends nothing twice to who has it, and no body to who asks for the headers only', async () => {
    const known = await download(own, { 'if-none-match': `"${own.sha256}"` });
    expect([known.status, (await bytesOf(known)).length]).toEqual([304, 0]);
    const head = await download(own, { range: 'bytes=0-9' }, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, String(own.size)]);
    expect(head.headers.get('repr-digest')).toMatch(/^sha-256=:/);
    expect((await bytesOf(head)).length).toBe(0);
    expect(await openFiles()).toEqual([]);
  });

  it('hands out a dump made elsewhere, for which nobody vouches', async () => {
    const answer = await download(foreign);
    expect(answer.headers.get('content-disposition')).toBe(
      `attachment; filename="l_den _alt_.sql"; filename*=UTF-8''l%C3%A4den%20%22alt%22.sql`,
    );
    expect(answer.headers.get('repr-digest')).toBeNull();
    const etag = answer.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]+"$/);
    expect((await bytesOf(answer)).toString()).toBe(DUMP);
    expect((await download(foreign, { 'if-none-match': etag })).status).toBe(304);
  });

  it('vouches no more for a file that is not as it was written', async () => {
    const { body } = await api.call('POST', '/api/backup', { backup_name: 'cut' });
    const cut = body['backup'] as Listed;
    await writeFile(join(api.workingDirectory, 'backups', cut.filename), 'cut');
    const answer = await download(cut);
    expect([answer.status, answer.headers.get('repr-digest')]).toEqual([200, null]);
    expect((await bytesOf(answer)).toString()).toBe('cut');
  });

  it('shows the backup to who takes nothing but JSON', async () => {
    const answer = await download(own, { accept: 'application/json' });
    expect(await answer.json()).toMatchObject({ success: true, backup: { id: own.id }, manifest: { id: own.id } });
    expect((await download(own, { accept: 'application/json, */*;q=0.1' }, 'HEAD')).headers.get('content-length')).toBe(
      String(own.size),
    );
  });

  it('closes the file when the caller hangs up, or takes nothing any more and then hangs up', async () => {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      get(address(own), { headers: { connection: 'close' } }, resolve).once('error', reject);
    });
    answer.on('error', () => undefined);
    answer.pause();
    expect(answer.statusCode).toBe(200);
    await becomes(openFiles, (files) => files.length === 1);
    answer.destroy();
    await becomes(openFiles, (files) => files.length === 0);
    expect((await api.call('GET', '/api/health/live')).status).toBe(200);
  });

  it('knows neither a backup that never was nor one whose file is gone', async () => {
    expect(await (await download({ id: 'b0' })).json()).toMatchObject({ code: 'BACKUP_NOT_FOUND' });
    await rm(join(api.workingDirectory, 'backups', FOREIGN));
    const answer = await download(foreign);
    expect([answer.status, await answer.json()]).toMatchObject([404, { success: false, code: 'BACKUP_NOT_FOUND' }]);
  });

  it('80: breaks off where the file is not the one that was written, and marks the backup as damaged', async () => {
    const made = (await api.call('POST', '/api/backup')).body['backup'] as Listed;
    const path = join(api.workingDirectory, 'backups', made.filename);
    const bytes = await readFile(path);
    bytes[1000] = (bytes[1000] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await expect(download(made).then(bytesOf)).rejects.toThrow();
    const { backups } = (await api.call('GET', '/api/backups')).body as unknown as { backups: Listed[] };
    expect(backups.find(({ id }) => id === made.id)).toMatchObject({ status: 'damaged' });
  });

  /** Artifacts that this process, in which the service runs, has open. */
  async function openFiles(): Promise<string[]> {
    const descriptors = await readdir('/proc/self/fd');
    const paths = await Promise.all(descriptors.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return paths.filter((path) => path.startsWith(join(api.workingDirectory, 'backups')) && path.endsWith('.sql'));
  }
});

/** Resolves when `right` holds; the test's own time limit ends it otherwise. */
async function becomes<T>(look: () => Promise<T>, right: (seen: T) => boolean): Promise<void> {
  while (!right(await look())) await delay(20);
}
