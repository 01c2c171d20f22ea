import type { CrossingTarget } from './crossing-target.js';
import type { DumpOrigin } from './dump-origin.js';
import { Findings } from './findings.js';
import { StatementAdaptation } from './statement-adaptation.js';

const MYSQL: CrossingTarget = {
  ...{ flavour: 'MySQL', version: '8.4.3', versionParts: [8, 4, 3] },
  collations: new Set(['utf8mb4_0900_ai_ci', 'utf8mb4_general_ci']),
  characterSets: new Set(['utf8mb4']),
  engines: new Set(['innodb', 'myisam']),
};
const MARIADB: CrossingTarget = { ...MYSQL, flavour: 'MariaDB', version: '10.11.6', versionParts: [10, 11, 6] };
const OF_MARIADB: DumpOrigin = { flavour: 'MariaDB', version: '11.4.2', versionParts: [11, 4, 2] };
const OF_MYSQL: DumpOrigin = { flavour: 'MySQL', version: '8.4.3', versionParts: [8, 4, 3] };

/** The statements as the target gets them. */
function adapted(target: CrossingTarget, origin: DumpOrigin | undefined, ...statements: string[]) {
  const findings = new Findings();
  const adaptation = new StatementAdaptation({ target, origin, findings, mapped: new Map() });
  const texts = statements.map((text) =>
    adaptation
      .edits(text)
      .reduceRight((changed, { from, to, by }) => changed.slice(0, from) + by + changed.slice(to), text),
  );
  return { texts, warnings: [...findings.warnings], refused: [...findings.refused] };
}
const column = (definition: string): string =>
  `CREATE TABLE \`t\` (\n  \`c\` ${definition},\n  \`d\` int\n) ENGINE=InnoDB`;

describe('24: a statement of MariaDB for MySQL', () => {
  it.each([
    ['varchar(36) DEFAULT uuid()', 'varchar(36) DEFAULT (uuid())'],
    ["text NOT NULL DEFAULT 'a, (b' COMMENT 'x'", "text NOT NULL DEFAULT ('a, (b') COMMENT 'x'"],
    [
      "varchar(9) DEFAULT concat('a',(1 + 2)) CHECK (`c` <> '')",
      "varchar(9) DEFAULT (concat('a',(1 + 2))) CHECK (`c` <> '')",
    ],
    ['int(11) DEFAULT (1 + 2)', 'int(11) DEFAULT (1 + 2)'],
    ['int(11) DEFAULT -1', 'int(11) DEFAULT -1'],
    ["bit(3) DEFAULT b'101'", "bit(3) DEFAULT b'101'"],
    ['text DEFAULT NULL', 'text DEFAULT NULL'],
    [
      'datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3)',
      'datetime(3) DEFAULT current_timestamp(3) ON UPDATE current_timestamp(3)',
    ],
    ["varchar(9) DEFAULT NULL COMMENT 'DEFAULT uuid()'", "varchar(9) DEFAULT NULL COMMENT 'DEFAULT uuid()'"],
  ])('has the default of %j as MySQL takes it', (is, wanted) => {
    expect(adapted(MYSQL, OF_MARIADB, column(is)).texts).toEqual([column(wanted)]);
  });

  it('loses options of engines, by name', () => {
    const { texts, warnings } = adapted(
      MYSQL,
      OF_MARIADB,
      "CREATE TABLE `t` (\n  `transactional` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 `PAGE_COMPRESSED`='ON' `ENCRYPTED`=YES COMMENT='`x`=1'",
    );
    expect(texts).toEqual([
      "CREATE TABLE `t` (\n  `transactional` int\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4   COMMENT='`x`=1'",
    ]);
    expect(warnings).toEqual([
      "Table t loses PAGE_COMPRESSED='ON', which MySQL 8.4.3 does not have.",
      'Table t loses ENCRYPTED=YES: it is not encrypted on MySQL 8.4.3.',
    ]);
  });

  it('is made without modes that MySQL 8 does not know, and what they meant is told', () => {
    const { texts, warnings, refused } = adapted(
      MYSQL,
      OF_MARIADB,
      "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER' */",
      'CREATE FUNCTION `plain`() RETURNS int RETURN 1',
      "/*!50003 SET sql_mode              = 'SIMULTANEOUS_ASSIGNMENT' */",
      '/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW SET @a = 1 */',
      "/*!50003 SET sql_mode              = 'PIPES_AS_CONCAT,ORACLE' */",
      'CREATE PROCEDURE "p" AS BEGIN NULL; END',
      '/*!50003 SET sql_mode              = @saved_sql_mode */',
      'CREATE PROCEDURE `q`() SELECT 1',
    );
    expect([texts[0], texts[2], texts[4]]).toEqual([
      "/*!50003 SET sql_mode              = 'STRICT_TRANS_TABLES' */",
      "/*!50003 SET sql_mode              = '' */",
      "/*!50003 SET sql_mode              = 'PIPES_AS_CONCAT' */",
    ]);
    expect(warnings).toEqual([
      expect.stringMatching(/^The trigger g was written for the sql_mode SIMULTANEOUS_ASSIGNMENT/),
    ]);
    expect(refused).toEqual(['procedure p, written for sql_mode ORACLE']);
  });

  it('names comments of MariaDB that MySQL skips, and none that neither of them runs', () => {
    const text = column('text /*M!100301 COMPRESSED*/ /*!999999 LATER */ DEFAULT NULL');
    expect(adapted(MYSQL, OF_MARIADB, text)).toEqual({
      ...{ texts: [text], refused: [] },
      warnings: ['Column c of table t loses COMPRESSED, which MySQL 8.4.3 does not have.'],
    });
  });
});

describe('24: rows of MariaDB for MySQL', () => {
  const refusedOf = (origin: DumpOrigin | undefined, rows: string): string[] => {
    const findings = new Findings();
    const adaptation = new StatementAdaptation({ target: MYSQL, origin, findings, mapped: new Map() });
    adaptation.edits(
      'CREATE TABLE `t` (\n  `a` int,\n  `g é` int GENERATED ALWAYS AS (`a` + 1) STORED,\n  `as` int DEFAULT (1)\n)',
    );
    adaptation.rows(rows);
    return [...findings.refused];
  };

  it.each(['INSERT INTO `t` VALUES (1,2,3)', 'INSERT INTO `t` (`a`, `g é`, `as`) VALUES (1,2,3)'])(
    'are refused where they hold values of generated columns, which MySQL does not take: %s',
    (rows) => {
      expect(refusedOf(OF_MARIADB, rows)).toEqual(['values of the generated column g é in the rows of table t']);
    },
  );

  it('are loaded where they hold none, or may hold DEFAULT', () => {
    expect(refusedOf(OF_MARIADB, 'INSERT INTO `t` (`a`, `as`) VALUES (1,2)')).toEqual([]);
    expect(refusedOf(undefined, 'INSERT INTO t VALUES (1,DEFAULT,2)')).toEqual([]);
  });
});

describe('24: a statement of MySQL for an older one', () => {
  const old: CrossingTarget = { ...MYSQL, version: '5.7.44', versionParts: [5, 7, 44] };

  it('is told to lose what stands in comments of later versions', () => {
    const text =
      'CREATE TABLE `t` (\n  `a` int,\n  `h` int DEFAULT NULL /*!80023 INVISIBLE */,\n  KEY `k` (`a`) /*!80000 INVISIBLE */,\n  CONSTRAINT `pos` CHECK ((`a` > 0))\n)';
    const { texts, warnings } = adapted(old, OF_MYSQL, text);
    expect(texts).toEqual([text]);
    expect(warnings).toEqual([
      expect.stringMatching(/^Column h of table t, which is invisible in the source, is visible on MySQL 5\.7\.44/),
      'The index k of table t, which is invisible in the source, is used by MySQL 5.7.44.',
      'The CHECK pos of table t is not enforced: MySQL 5.7.44 takes CHECKs and forgets them.',
    ]);
  });
});

describe('24: a statement of MySQL for MariaDB', () => {
  it('is made without CHECKs that are not enforced, wherever they stand', () => {
    const check = (name: string): string => `CONSTRAINT \`${name}\` CHECK ((\`a\` > 0)) /*!80016 NOT ENFORCED */`;
    const { texts } = adapted(
      MARIADB,
      OF_MYSQL,
      `CREATE TABLE t (\n${check('a')},\n${check('b')},\n\`a\` int,\n${check('c')},\n\`d\` int,\n${check('e')},\n${check('f')}\n)`,
    );
    expect(texts.map((text) => text.replace(/\s+/g, ' ').replace(' ,', ','))).toEqual([
      'CREATE TABLE t ( `a` int, `d` int )',
    ]);
    expect(texts[0]?.split('\n')).toHaveLength(9);
  });

  it('is left as it is where nothing is to be said otherwise', () => {
    const text =
      "CREATE TABLE t (`invisible` int COMMENT '/*!80023 INVISIBLE */', storage int, `s` enum('NOT ENFORCED') DEFAULT 'NOT ENFORCED') COMMENT='ENCRYPTION=1'";
    expect(adapted(MARIADB, OF_MYSQL, text)).toEqual({ texts: [text], warnings: [], refused: [] });
  });

  it('keeps the key in use that MariaDB before 10.6 cannot ignore, and says so', () => {
    const old: CrossingTarget = { ...MARIADB, version: '10.5.9', versionParts: [10, 5, 9] };
    const { warnings } = adapted(old, OF_MYSQL, 'CREATE TABLE t (a int, KEY `k` (`a`) /*!80000 INVISIBLE */)');
    expect(warnings).toEqual(['The index k of table t, which is invisible in the source, is used by MariaDB 10.5.9.']);
  });
});
