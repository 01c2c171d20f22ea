import { KeyRegistry, deferForeignKeys, deferKeys } from './deferred-keys.js';
import type { DeferredKeys } from './deferred-keys.js';
import { canBeDivided, parseTable } from './table-definition.js';
import type { TableDefinition } from './table-definition.js';

const COLUMNS = ['`id` int(11) NOT NULL', '`a` int(11) DEFAULT NULL', '`b` varchar(20) DEFAULT NULL'];

function create(
  name: string,
  definitions: readonly string[],
  options = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4',
): string {
  return `CREATE TABLE \`${name}\` (\n  ${definitions.join(',\n  ')}\n) ${options}`;
}

function parsed(text: string): TableDefinition {
  const table = parseTable(text);
  if (table === undefined) throw new Error('It was not understood.');
  return table;
}

const deferred = (...keys: string[]): DeferredKeys =>
  deferKeys(parsed(create('t', [...COLUMNS, ...keys])), new KeyRegistry());
/** Of the definitions that are given, those that stay in CREATE TABLE. */
const staying = (...keys: string[]): string[] => {
  const { create: text } = deferred(...keys);
  return keys.filter((key) => text.includes(key));
};

describe('The keys of a table', () => {
  it('come later, in their order, when they are plain ones', () => {
    const keys = [
      'PRIMARY KEY (`id`)',
      'UNIQUE KEY `u` (`a`)',
      'KEY `x` (`b`(5),`a` DESC) USING BTREE',
      "KEY `y` (`a`) COMMENT 'a, (b); KEY `z`'",
    ];
    expect(deferred(...keys)).toEqual({
      create: `CREATE TABLE \`t\` (\n  ${[...COLUMNS, ...keys.slice(0, 2)].join(',\n  ')}\n\n\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4`,
      keys: `ALTER TABLE \`t\` ADD ${keys[2]}, ADD ${keys[3]}`,
      foreignKeys: undefined,
    });
  });

  it('leave as many lines behind as there were', () => {
    const keys = ['PRIMARY KEY (`id`)', 'KEY `x\ny` (`a`)', 'CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `o\n` (`id`)'];
    const before = create('t', [...COLUMNS, ...keys]);
    expect(deferred(...keys).create.split('\n')).toHaveLength(before.split('\n').length);
  });

  it('stay when they are of a kind that cannot come later, and those that stand before them', () => {
    expect(staying('KEY `x` (`a`)', 'FULLTEXT KEY `f` (`b`)', 'FULLTEXT KEY `g` (`b`) WITH PARSER `ngram`')).toEqual([
      'FULLTEXT KEY `f` (`b`)',
      'FULLTEXT KEY `g` (`b`) WITH PARSER `ngram`',
    ]);
    const spatial = ['KEY `x` (`a`)', 'SPATIAL KEY `s` (`b`)', 'KEY `y` (`a`)'];
    expect(staying(...spatial)).toEqual(spatial.slice(0, 2));
    const ofExpression = ['KEY `x` (`a`)', 'KEY `e` ((lower(`b`)),`a`)', 'KEY `y` (`a`)'];
    expect(staying(...ofExpression)).toEqual(ofExpression.slice(0, 2));
    const checks = ['CONSTRAINT `c` CHECK (`a` > 0)', 'PERIOD FOR `p` (`a`, `b`)'];
    expect(staying(...checks, 'KEY `y` (`a`)')).toEqual(checks);
  });

  it('stay as far as AUTO_INCREMENT needs one', () => {
    const counter = "`n` int(11) NOT NULL AUTO_INCREMENT COMMENT 'x'";
    expect(staying(counter, 'PRIMARY KEY (`n`,`id`)', 'KEY `x` (`n`)')).toEqual([counter, 'PRIMARY KEY (`n`,`id`)']);
    const keys = [counter, 'PRIMARY KEY (`id`,`n`)', 'KEY `x` (`a`)', 'KEY `y` (`n`)', 'KEY `z` (`n`,`a`)'];
    expect(staying(...keys)).toEqual(keys.slice(0, 4));
    expect(staying("`n` int(11) NOT NULL COMMENT 'AUTO_INCREMENT'", 'KEY `y` (`n`)')).toHaveLength(1);
  });
});

describe('The foreign keys of a table', () => {
  const self = 'CONSTRAINT `s` FOREIGN KEY (`a`) REFERENCES `t` (`id`) ON DELETE CASCADE';
  const other = 'CONSTRAINT `o,)` FOREIGN KEY (`a`,`b`) REFERENCES `elsewhere`.`x` (`c`, `d`)';

  it('come last of all', () => {
    const { create: text, keys, foreignKeys } = deferred('KEY `a` (`a`,`b`)', self, other);
    expect(text).not.toContain('FOREIGN');
    expect(keys).toBe('ALTER TABLE `t` ADD KEY `a` (`a`,`b`)');
    expect(foreignKeys).toBe(`ALTER TABLE \`t\` ADD ${self}, ADD ${other}`);
  });

  const child = (columns: string): TableDefinition =>
    parsed(create('child', [...COLUMNS, `CONSTRAINT \`f\` FOREIGN KEY (\`a\`) REFERENCES \`Parent\` (${columns})`]));
  const parent = parsed(
    create('parent', [...COLUMNS, 'PRIMARY KEY (`id`)', 'KEY `x` (`b`)', 'KEY `y` (`a`,`b`)', 'KEY `z` (`a`)']),
  );

  it('keep the key that they point to where it is, with those before it', () => {
    const registry = new KeyRegistry();
    registry.note(child('`a`'));
    expect(deferKeys(parent, registry).keys).toBeUndefined();
    const another = new KeyRegistry();
    another.note(child('`id`'));
    another.note(child('`b`'));
    expect(deferKeys(parent, another).keys).toBe('ALTER TABLE `parent` ADD KEY `y` (`a`,`b`), ADD KEY `z` (`a`)');
  });

  it('wait in a small table, too, for a key that comes later', () => {
    const registry = new KeyRegistry();
    expect(deferForeignKeys(child('`a`'), registry)).toBeUndefined();
    deferKeys(parent, registry);
    expect(deferForeignKeys(child('`id`'), registry)).toBeUndefined();
    expect(deferForeignKeys(child('`a`'), registry)).toEqual({
      create: create('child', COLUMNS).replace('\n) ', '\n\n) '),
      foreignKeys: 'ALTER TABLE `child` ADD CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `Parent` (`a`)',
    });
  });
});

describe('A CREATE TABLE', () => {
  it('is understood whatever its names and comments are', () => {
    const table = parsed(
      create('a `` b (;', [
        "`c,\n)` varchar(5) DEFAULT ',' COMMENT 'it''s, \\\\ )'",
        "`d` enum('a,',')') DEFAULT NULL",
        'KEY `k``(` (`d`)',
      ]),
    );
    expect(table.name).toBe('`a `` b (;`');
    expect(table.definitions.map(({ kind }) => kind)).toEqual(['column', 'column', 'key']);
  });

  it.each([
    ['of another form', 'CREATE TABLE IF NOT EXISTS `t` (\n  `a` int\n) ENGINE=InnoDB'],
    ['on one line', 'CREATE TABLE `t` (`a` int, KEY `a` (`a`)) ENGINE=InnoDB'],
    ['with an index that is not known here', create('t', [...COLUMNS, 'INDEX `a` (`a`)'])],
    ['with a comment in it', create('t', [...COLUMNS, 'KEY `a` /* why */ (`a`)'])],
    ['like another table', 'CREATE TABLE `t` LIKE `u`'],
    ['that is cut off', 'CREATE TABLE `t` (\n  `a` int'],
  ])('%s is left alone', (_, text) => {
    expect(parseTable(text)).toBeUndefined();
  });

  it.each([
    ['of another engine', create('t', COLUMNS, 'ENGINE=MyISAM'), false],
    ['without an engine', create('t', COLUMNS, 'DEFAULT CHARSET=latin1'), false],
    ['versioned', create('t', COLUMNS, 'ENGINE=InnoDB WITH SYSTEM VERSIONING'), false],
    [
      'versioned by its columns',
      create('t', [...COLUMNS, 'PERIOD FOR SYSTEM_TIME (`a`, `b`)'], 'ENGINE=InnoDB'),
      false,
    ],
    ['partitioned', create('t', COLUMNS, 'ENGINE=InnoDB\n/*!50100 PARTITION BY HASH (`id`)\nPARTITIONS 4 */'), true],
  ])('%s: whether its rows may take turns', (_, text, expected) => {
    expect(canBeDivided(parsed(text))).toBe(expected);
  });
});
