import { startMariadb, startPostgres } from '@app/sandbox';
import type { SandboxOptions, SandboxServer } from '@app/sandbox';
import type { ConnectionParams } from '@app/domain';
import { mysqlSnapshot } from './mysql-snapshot.js';
import { postgresQuery, postgresRows } from './postgres-snapshot.js';

/** The text of every object, and for each table its rows as one hash. */
export interface Content {
  schema: string;
  rows: Readonly<Record<string, string>>;
}

/** What a test of faults must know of an engine. */
export interface FaultSide {
  name: 'PostgreSQL' | 'MySQL';
  start(options?: SandboxOptions): Promise<SandboxServer>;
  maintenance: string;
  content(connection: ConnectionParams): Promise<Content>;
  /** Makes what `shop` holds: `big`, of 3 MB, more than passes a gate; small tables that refer to each other; stored objects. */
  fill: readonly string[];
  /** Changes rows of `shop`, each time otherwise. */
  change(salt: number): readonly string[];
  /** The tools that do the work, as they stand in a list of processes; not those that are asked for their version. */
  dumpTool: RegExp;
  loadTool: RegExp;
  /** Which setting names the dump tool, and where the real one is. */
  dumpToolKey: 'pg_dump_path' | 'mysqldump_path';
  dumpToolName: string;
  /** The line by which a dump's end is known, and how the end begins. */
  endMark: string;
  end: string;
}

const ROWS = 3_000;

export const postgresSide: FaultSide = {
  name: 'PostgreSQL',
  start: (options) => startPostgres(options),
  maintenance: 'postgres',
  content: async (connection) => ({ schema: await postgresSchema(connection), rows: await postgresRows(connection) }),
  fill: [
    'create table big (i int primary key, body text)',
    `insert into big select i, repeat(md5(i::text), 32) from generate_series(1, ${ROWS}) i`,
    'create table customer (id int primary key, name text not null unique, version int)',
    `insert into customer select i, 'Name ' || i, 0 from generate_series(1, 200) i`,
    'create table purchase (id serial primary key, customer int not null references customer, amount numeric(10, 2))',
    'insert into purchase (customer, amount) select 1 + i % 200, i * 1.25 from generate_series(1, 500) i',
    // A crash would skip numbers otherwise.
    `select setval('purchase_id_seq', 500)`,
    'create view spent as select customer, sum(amount) as total from purchase group by customer',
    `create function shout(t text) returns text language sql immutable as $$ select upper(t) $$`,
    `create function touch() returns trigger language plpgsql as $$ begin new.version := coalesce(old.version, 0) + 1; return new; end $$`,
    'create trigger touched before update on customer for each row execute function touch()',
    `select lo_from_bytea(4711, decode(repeat('c0ffee', 5000), 'hex'))`,
  ],
  change: (salt) => [
    `update customer set name = name || ' ${salt}' where id <= 20`,
    `insert into purchase (id, customer, amount) values (${1000 + salt}, 7, 1.5)`,
    `update big set body = 'changed ${salt}' where i % 1000 = 7`,
    `select lo_put(4711, 3, '\\x${(salt % 0xffffff).toString(16).padStart(6, '0')}')`,
  ],
  dumpTool: /pg_dump .*--/,
  loadTool: /pg_restore .*--(?!version)/,
  dumpToolKey: 'pg_dump_path',
  dumpToolName: 'pg_dump',
  endMark: '-- PostgreSQL database dump complete',
  end: '--\n-- PostgreSQL database dump complete\n',
};

export const mariadbSide: FaultSide = {
  name: 'MySQL',
  start: (options) => startMariadb(options),
  maintenance: 'mysql',
  content: async (connection) => {
    const { schema, rows } = await mysqlSnapshot(connection);
    // Where a table goes on counting is a guess again after a crash.
    return { schema: schema.replaceAll(/ AUTO_INCREMENT=\d+/g, ''), rows };
  },
  fill: [
    'create table big (i int primary key, body text)',
    `insert into big select seq, repeat(md5(seq), 32) from seq_1_to_${ROWS}`,
    'create table customer (id int primary key, name varchar(200) not null unique, version int)',
    `insert into customer select seq, concat('Name ', seq), 0 from seq_1_to_200`,
    `create table purchase (id int auto_increment primary key, customer int not null, amount decimal(10, 2),
       constraint of_customer foreign key (customer) references customer (id))`,
    'insert into purchase (customer, amount) select 1 + seq % 200, seq * 1.25 from seq_1_to_500',
    'create view spent as select customer, sum(amount) as total from purchase group by customer',
    'create function shout(t text) returns text deterministic return upper(t)',
    'create procedure nothing() select 1',
    // Where a swap has put it, the server has written the name of the table anew.
    'create trigger touched before update ON `customer` for each row set new.version = old.version + 1',
    `create event yearly on schedule every 1 year starts '2037-01-01 00:00:00' do delete from purchase`,
  ],
  change: (salt) => [
    `update customer set name = concat(name, ' ${salt}') where id <= 20`,
    `insert into purchase (customer, amount) values (7, ${salt % 1000})`,
    `update big set body = 'changed ${salt}' where i % 1000 = 7`,
  ],
  dumpTool: /(mariadb-dump|mysqldump) .*--defaults/,
  loadTool: /(mariadb|mysql) .*--defaults/,
  dumpToolKey: 'mysqldump_path',
  dumpToolName: 'mariadb-dump',
  endMark: '-- Dump completed',
  end: '-- Dump completed',
};

/** Less than a dump would say, and at once. */
async function postgresSchema(connection: ConnectionParams): Promise<string> {
  const objects = await postgresQuery(
    connection,
    `with ours as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
     select c.oid::regclass::text as name, concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relacl::text,
            c.relowner::regrole, obj_description(c.oid), pg_get_viewdef(c.oid),
            (select string_agg(concat_ws(' ', attname, format_type(atttypid, atttypmod), attnotnull), ', ' order by attnum)
               from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped)) as definition
       from pg_class c where relnamespace in (select oid from ours) and relkind <> 'c'
     union all select conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid) from pg_constraint where connamespace in (select oid from ours)
     union all select tgrelid::regclass || ' ' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
     union all select oid::regprocedure::text, pg_get_functiondef(oid) from pg_proc where pronamespace in (select oid from ours) and prokind <> 'a'
     union all select polrelid::regclass || ' ' || polname, pg_get_expr(polqual, polrelid) from pg_policy
     union all select nspname, concat_ws(' ', nspowner::regrole, nspacl::text) from pg_namespace where oid in (select oid from ours)
     union all select extname, extversion from pg_extension
     order by 1, 2`,
  );
  return JSON.stringify(objects);
}
