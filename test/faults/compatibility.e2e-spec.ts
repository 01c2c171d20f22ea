import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultBench } from '../support/fault-bench.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

const EMOJI = '🐘🐬 – ü ß 日本 𝔸';

describe('compatibility, PostgreSQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(postgresSide);
  });
  afterAll(async () => {
    await bench.stop();
  });

  it('FAILURES 24: a client older than the server is not used, and the version that is needed is said', async () => {
    const before = await bench.before();
    const unwrap = await bench.wrapTool('pg_dump_path', 'pg_dump', `exec "$TOOL" "$@"`, 'pg_dump (PostgreSQL) 9.6.24');
    const answer = await bench.backup();
    await unwrap();
    await expectNothingHappened(bench, before, answer, { code: 'TOOL_TOO_OLD', message: /15/, status: 503 });
  });

  it('FAILURES 29: every character comes back', async () => {
    await bench.sql([`create table word (t text)`, `insert into word values ('${EMOJI}'), (E'\\\\\\t\\n')`]);
    const { content } = await bench.before();
    const backup = await bench.goodBackup({ compression: 'zstd' });
    await bench.sql(['drop table word']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    expect(await bench.sql(['select t from word'])).toEqual([{ t: EMOJI }, { t: '\\\t\n' }]);
    await expectSound(bench, content);
  });

  it('FAILURES 32: which client read which server is in the manifest', async () => {
    const { id } = await bench.goodBackup();
    const { body } = await bench.call('GET', `/api/backups/${id}`);
    const version = expect.stringMatching(/^\d+\.\d+/) as unknown;
    expect(body['manifest']).toMatchObject({
      tool: { name: 'pg_dump', flavour: 'PostgreSQL', version },
      server: { flavour: 'PostgreSQL', version },
    });
  });
});

describe('compatibility, MySQL', () => {
  let bench: FaultBench;

  beforeAll(async () => {
    bench = await FaultBench.start(mariadbSide);
  });
  afterAll(async () => {
    await bench.stop();
  });
  afterEach(() => bench.removePlaced());

  it('FAILURES 26: an account without PROCESS makes a whole backup', async () => {
    await bench.sql([
      `create user plain@'%' identified by 'plain password'`,
      `grant all privileges on shop.* to plain@'%'`,
      `grant select on mysql.proc to plain@'%'`,
    ]);
    const content = await bench.content();
    await bench.connect({ username: 'plain', password: 'plain password' });
    const backup = await bench.goodBackup();
    await bench.connect();
    expect(await restoredContent(bench, backup.path)).toEqual(content);
    await bench.sql([`drop user plain@'%'`]);
    await expectSound(bench, content);
  });

  it.each(['/*!999999\\- enable the sandbox mode */ ', '/*M!999999\\- enable the sandbox mode */ ', ''])(
    'FAILURES 27: a foreign dump restores whatever its first line is: %j',
    async (line) => {
      const { content } = await bench.before();
      const backup = await bench.goodBackup();
      const own = await readFile(join(bench.folder, backup.filename), 'utf8');
      const text = own.replace(/^\/\*M?!999999.*\n/, '');
      const file = await bench.place('foreign.sql', line === '' ? text : `${line}\n${text}`);
      await bench.change();
      expect(await bench.restore(file)).toMatchObject({ status: 200 });
      await expectSound(bench, content);
    },
  );

  it('FAILURES 29: every character and every byte comes back', async () => {
    await bench.sql([
      'create table word (t varchar(100), b varbinary(300)) character set utf8mb4',
      `insert into word values ('${EMOJI}', x'00ff27225c0a0d1a80fe'), ('\\\\\\t\\n', null)`,
    ]);
    const { content } = await bench.before();
    const backup = await bench.goodBackup({ compression: 'zstd' });
    await bench.sql(['drop table word']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    expect((await bench.sql(['select t from word'])).map(({ t }) => t)).toEqual([EMOJI, '\\\t\n']);
    await expectSound(bench, content);
    await bench.sql(['drop table word']);
  });

  it('FAILURES 30: a table with a VIRTUAL column is the same afterwards, row by row', async () => {
    await bench.sql([
      'create table cart (i int primary key, n int, twice int as (n * 2) virtual, thrice int as (n * 3) stored)',
      'insert into cart (i, n) select seq, seq * 7 from seq_1_to_500',
    ]);
    const { content } = await bench.before();
    const backup = await bench.goodBackup();
    await bench.sql(['update cart set n = 0']);
    expect(await bench.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(bench, content);
    await bench.sql(['drop table cart']);
  });
});
