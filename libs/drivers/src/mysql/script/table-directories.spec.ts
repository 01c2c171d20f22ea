import { TableDirectories } from './table-directories.js';

function stripped(text: string): { text: string; found: Record<string, string[]> } {
  const directories = new TableDirectories();
  const lines = text.split('\n').map((line) => directories.withoutDirectories(line));
  const found = [...directories.found].map(([table, folders]) => [table, [...folders]]);
  return { text: lines.join('\n'), found: Object.fromEntries(found) };
}

describe('16: DATA DIRECTORY and INDEX DIRECTORY of the tables of a dump', () => {
  it.each([
    ['options of a table', `) ENGINE=InnoDB DATA DIRECTORY='/ext/';`, `) ENGINE=InnoDB ;`],
    [
      'both',
      `) ENGINE=MyISAM COMMENT='x' DATA DIRECTORY='/ext/' INDEX DIRECTORY='/ext/';`,
      `) ENGINE=MyISAM COMMENT='x' ;`,
    ],
    ['before other options', `) ENGINE=Aria DATA DIRECTORY='/ext/' PAGE_CHECKSUM=1;`, `) ENGINE=Aria PAGE_CHECKSUM=1;`],
    [
      'partitions of MySQL',
      `) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (\`a\`)\n(PARTITION p0 VALUES LESS THAN (10) DATA DIRECTORY = '/ext/' ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;`,
      `) ENGINE=InnoDB\n/*!50100 PARTITION BY RANGE (\`a\`)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB,\n PARTITION p1 VALUES LESS THAN MAXVALUE ENGINE = InnoDB) */;`,
    ],
    [
      'partitions of MariaDB, with parts',
      `) ENGINE=MyISAM\n PARTITION BY RANGE (\`a\`)\n(PARTITION \`p0\` VALUES LESS THAN (10)\n (SUBPARTITION \`s0\` DATA DIRECTORY = '/ext/' INDEX DIRECTORY = '/ext/' ENGINE = MyISAM));`,
      `) ENGINE=MyISAM\n PARTITION BY RANGE (\`a\`)\n(PARTITION \`p0\` VALUES LESS THAN (10)\n (SUBPARTITION \`s0\` ENGINE = MyISAM));`,
    ],
  ])('are taken out: %s', (_what, before, after) => {
    const head = 'CREATE TABLE `t``ä` (\n  `a` int NOT NULL,\n  PRIMARY KEY (`a`)\n'.replace('ä', '\xc3\xa4');
    expect(stripped(head + before)).toEqual({ text: head + after, found: { 't`ä': ['/ext/'] } });
  });

  it.each([
    ['a comment', "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB COMMENT='it''s DATA DIRECTORY=\\'/x\\' ';"],
    ['a default', "CREATE TABLE `t` (\n  `a` text DEFAULT (' DATA DIRECTORY=''/x'' '),\n  KEY (`a`)\n) ENGINE=InnoDB;"],
    ['rows', "INSERT INTO `t` VALUES\n(' DATA DIRECTORY=''/x'' ');"],
    [
      'a routine',
      "DELIMITER ;;\nCREATE DEFINER=`a`@`b` PROCEDURE `p`()\nCREATE TABLE `t` (\n  a int\n) DATA DIRECTORY='/x' ;;\nDELIMITER ;",
    ],
    [
      'the end of a comment',
      "CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB COMMENT='a DATA DIRECTORY=' KEY_BLOCK_SIZE=8 CONNECTION=' x';",
    ],
  ])('are left where they are none: %s', (_what, text) => {
    expect(stripped(text)).toEqual({ text, found: {} });
  });
});
