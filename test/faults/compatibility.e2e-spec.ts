import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FaultFixture } from '../support/fault-fixture.js';
import { mariadbSide, postgresSide } from '../support/fault-sides.js';
import { expectNothingHappened, expectSound, restoredContent } from '../support/soundness.js';

jest.setTimeout(120_000);

const EMOJI = '🐘🐬 – ü ß 日本 𝔸';

describe('compatibility, PostgreSQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(postgresSide);
  });
  afterAll(async () => {
    await fixture.stop();
  });

  it('FAILURES 24: a client older than the server is not used, and the version that is needed is said', async () => {
    const before = await fixture.before();
    const unwrap = await fixture.wrapTool(
      'pg_dump_path',
      'pg_dump',
      `exec "$TOOL" "$@"`,
      'pg_dump (PostgreSQL) 9.6.24',
    );
    const answer = await fixture.backup();
    await unwrap();
    await expectNothingHappened(fixture, before, answer, { code: 'TOOL_TOO_OLD', message: /15/, status: 503 });
  });

  it('FAILURES 29: every character comes back', async () => {
    await fixture.sql([`create table word (t text)`, `insert into word values ('${EMOJI}'), (E'\\\\\\t\\n')`]);
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup({ compression: 'zstd' });
    await fixture.sql(['drop table word']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    expect(await fixture.sql(['select t from word'])).toEqual([{ t: EMOJI }, { t: '\\\t\n' }]);
    await expectSound(fixture, content);
  });

  it('FAILURES 32: which client read which server is in the manifest', async () => {
    const { id } = await fixture.goodBackup();
    const { body } = await fixture.call('GET', `/api/backups/${id}`);
    const version = expect.stringMatching(/^\d+\.\d+/) as unknown;
    expect(body['manifest']).toMatchObject({
      tool: { name: 'pg_dump', flavour: 'PostgreSQL', version },
      server: { flavour: 'PostgreSQL', version },
    });
  });
});

describe('compatibility, MySQL', () => {
  let fixture: FaultFixture;

  beforeAll(async () => {
    fixture = await FaultFixture.start(mariadbSide);
  });
  afterAll(async () => {
    await fixture.stop();
  });
  afterEach(() => fixture.removePlaced());

  it('FAILURES 26: an account without PROCESS makes a whole backup', async () => {
    await fixture.sql([
      `create user plain@'%' identified by 'plain password'`,
      `grant all privileges on shop.* to plain@'%'`,
      `grant select on mysql.proc to plain@'%'`,
    ]);
    const content = await fixture.content();
    await fixture.connect({ username: 'plain', password: 'plain password' });
    const backup = await fixture.goodBackup();
    await fixture.connect();
    expect(await restoredContent(fixture, backup.path)).toEqual(content);
    await fixture.sql([`drop user plain@'%'`]);
    await expectSound(fixture, content);
  });

  it.each(['/*!999999\\- enable the sandbox mode */ ', '/*M!999999\\- enable the sandbox mode */ ', ''])(
    'FAILURES 27: a foreign dump restores whatever its first line is: %j',
    async (line) => {
      const { content } = await fixture.before();
      const backup = await fixture.goodBackup();
      const own = await readFile(join(fixture.folder, backup.filename), 'utf8');
      const text = own.replace(/^\/\*M?!999999.*\n/, '');
      const file = await fixture.place('foreign.sql', line === '' ? text : `${line}\n${text}`);
      await fixture.change();
      expect(await fixture.restore(file)).toMatchObject({ status: 200 });
      await expectSound(fixture, content);
    },
  );

  it('FAILURES 29: every character and every byte comes back', async () => {
    await fixture.sql([
      'create table word (t varchar(100), b varbinary(300)) character set utf8mb4',
      `insert into word values ('${EMOJI}', x'00ff27225c0a0d1a80fe'), ('\\\\\\t\\n', null)`,
    ]);
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup({ compression: 'zstd' });
    await fixture.sql(['drop table word']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    expect((await fixture.sql(['select t from word'])).map(({ t }) => t)).toEqual([EMOJI, '\\\t\n']);
    await expectSound(fixture, content);
    await fixture.sql(['drop table word']);
  });

  it('FAILURES 30: a table with a VIRTUAL column is the same afterwards, row by row', async () => {
    await fixture.sql([
      'create table cart (i int primary key, n int, twice int as (n * 2) virtual, thrice int as (n * 3) stored)',
      'insert into cart (i, n) select seq, seq * 7 from seq_1_to_500',
    ]);
    const { content } = await fixture.before();
    const backup = await fixture.goodBackup();
    await fixture.sql(['update cart set n = 0']);
    expect(await fixture.restore(backup.path)).toMatchObject({ status: 200 });
    await expectSound(fixture, content);
    await fixture.sql(['drop table cart']);
  });
});
