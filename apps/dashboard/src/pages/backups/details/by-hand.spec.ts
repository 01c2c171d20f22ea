import type { Schemas } from '../../../api/client.js';
import type { Backup } from '../backup-words.js';
import { commandsByHand } from './by-hand.js';

const SHA = 'ab'.repeat(32);
const backup = (change: Partial<Backup>): Backup =>
  ({
    filename: 'shop_20261122_101500.sql',
    database: 'shop',
    db_type: 'PostgreSQL',
    format: 'plain',
    compression: 'none',
    sha256: SHA,
    ...change,
  }) as Backup;
const manifest = (flavour: string, settings = {}) =>
  ({ server: { flavour }, database_settings: settings }) as Schemas['ManifestEntry'];

describe('how a backup is restored by hand', () => {
  it('a plain dump of PostgreSQL', () => {
    expect(commandsByHand(backup({}), null)).toEqual([
      `echo '${SHA}  shop_20261122_101500.sql' | sha256sum --check`,
      'createdb --template=template0 shop_new',
      'psql -X -v ON_ERROR_STOP=1 -d shop_new -f shop_20261122_101500.sql',
    ]);
  });

  it('a compressed archive of PostgreSQL', () => {
    const archive = backup({ filename: 'shop.dump.zst', format: 'custom', compression: 'zstd' });
    expect(commandsByHand(archive, null).slice(1)).toEqual([
      'zstd -dc shop.dump.zst > shop.dump',
      'createdb --template=template0 shop_new',
      'pg_restore --exit-on-error -d shop_new shop.dump',
    ]);
  });

  it('a dump of MariaDB, with the settings of its database', () => {
    const settings = { character_set: 'utf8mb4', collation: 'utf8mb4_bin' };
    expect(commandsByHand(backup({ db_type: 'MySQL' }), manifest('MariaDB', settings)).slice(1)).toEqual([
      "mariadb -e 'CREATE DATABASE `shop_new` CHARACTER SET utf8mb4 COLLATE utf8mb4_bin'",
      'mariadb shop_new < shop_20261122_101500.sql',
    ]);
    expect(commandsByHand(backup({ db_type: 'MySQL' }), manifest('MySQL'))[2]).toMatch(/^mysql shop_new </);
  });

  it('a file that came from elsewhere, as far as it is known', () => {
    const foreign = backup({ filename: 'theirs.sql.gz', compression: 'gzip', sha256: null, database: null });
    expect(commandsByHand(foreign, null)).toEqual([
      'gunzip -c theirs.sql.gz > theirs.sql',
      'createdb --template=template0 restored_new',
      'psql -X -v ON_ERROR_STOP=1 -d restored_new -f theirs.sql',
    ]);
    expect(commandsByHand(backup({ db_type: null }), null)).toEqual([]);
  });

  it('a file that another program has packed', () => {
    const packed = (filename: string, compression: Backup['compression']) =>
      commandsByHand(backup({ filename, compression, sha256: null }), null);
    expect(packed('theirs.sql.bz2', 'bzip2')).toMatchObject({ 0: 'bunzip2 -c theirs.sql.bz2 > theirs.sql', length: 3 });
    expect(packed('theirs.sql.xz', 'xz')[0]).toBe('unxz -c theirs.sql.xz > theirs.sql');
    expect(packed('theirs.sql.zip', 'zip')[0]).toBe('unzip -p theirs.sql.zip > theirs.sql');
    expect(packed('theirs.sql.zip', 'zip')[2]).toMatch(/ -f theirs\.sql$/);
    expect(packed('theirs.sql', 'zip')[0]).toBe('unzip -p theirs.sql > theirs.sql.unpacked');
  });

  it('36: a folder of pg_dump that was packed with tar', () => {
    const packed = backup({
      ...{ filename: 'theirs.tar.gz', compression: 'gzip', format: 'directory' },
      ...{ sha256: null, database: null },
    });
    expect(commandsByHand(packed, null)).toEqual([
      'gunzip -c theirs.tar.gz > theirs.tar',
      'mkdir theirs_folder',
      'tar -xf theirs.tar -C theirs_folder',
      'createdb --template=template0 restored_new',
      'pg_restore --exit-on-error -d restored_new "$(dirname "$(find theirs_folder -name toc.dat)")"',
    ]);
  });

  it('names that a shell would take apart stay in one piece', () => {
    const odd = backup({ filename: "-it's here.sql", database: "o'b", db_type: 'MySQL' });
    expect(commandsByHand(odd, null).slice(1)).toEqual([
      String.raw`mariadb -e 'CREATE DATABASE ${'`'}o'\''b_new${'`'}'`,
      String.raw`mariadb 'o'\''b_new' < './-it'\''s here.sql'`,
    ]);
  });

  it('create the roles first that are stored with a backup', () => {
    const globals = { file: 'shop.sql.globals.sql', size: 1, sha256: 'a', passwords: false };
    const commands = commandsByHand(backup({}), { ...manifest('PostgreSQL'), globals });
    const roles = commands.indexOf('psql -X -d postgres -f shop.sql.globals.sql');
    expect(roles).toBeGreaterThan(-1);
    expect(commands[roles + 1]).toMatch(/^createdb /);
  });
});
