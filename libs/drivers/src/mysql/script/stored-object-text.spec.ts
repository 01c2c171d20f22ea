import { HELD_STATUS, eventHead, eventWithStatus, triggerHead, triggerOn } from './stored-object-text.js';
import { copyName, parseCopyName } from '../swap/copy-names.js';
import { requalified, sqlTokens } from './sql-lexer.js';

describe('A trigger is put on another table, whatever its text looks like', () => {
  const moved = (text: string): string | undefined => {
    const head = triggerHead(text);
    return head === undefined ? undefined : triggerOn(text, head, '`__new`');
  };

  it.each([
    [
      'CREATE TRIGGER a BEFORE INSERT ON b FOR EACH ROW SET @x = 1',
      'CREATE TRIGGER a BEFORE INSERT ON `__new` FOR EACH ROW SET @x = 1',
    ],
    [
      'CREATE DEFINER=`on`@`%` trigger shop . `a``b`\n after update\tON `shop`.`b c` for each row begin insert into shop.b values (1); end',
      'CREATE DEFINER=`on`@`%` trigger `a``b`\n after update\tON `__new` for each row begin insert into shop.b values (1); end',
    ],
    [
      'CREATE TRIGGER IF NOT EXISTS "a ON x" BEFORE DELETE /* ON z */ ON "b" FOR EACH ROW SELECT 1',
      'CREATE TRIGGER IF NOT EXISTS "a ON x" BEFORE DELETE /* ON z */ ON `__new` FOR EACH ROW SELECT 1',
    ],
    [
      '/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER s.a BEFORE INSERT ON s.b FOR EACH ROW SET @x = 1 ',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`%`*/ /*!50003 TRIGGER a BEFORE INSERT ON `__new` FOR EACH ROW SET @x = 1 ',
    ],
    [
      'CREATE TRIGGER a BEFORE INSERT OR UPDATE OF x, y ON b FOR EACH ROW SET @x = 1',
      'CREATE TRIGGER a BEFORE INSERT OR UPDATE OF x, y ON `__new` FOR EACH ROW SET @x = 1',
    ],
  ])('%s', (text, expected) => expect(moved(text)).toBe(expected));

  it.each([
    'CREATE TRIGGER a BEFORE INSERT ON',
    'CREATE TRIGGER a BEFORE INSERT ON shop',
    'CREATE VIEW v AS SELECT 1',
    '',
  ])('but not while its head is not all there: %j', (text) => expect(moved(text)).toBeUndefined());
});

describe('An event', () => {
  it.each([
    [
      "CREATE DEFINER=`a`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY STARTS '2031-01-01 00:00:00' ENDS '2032-01-01 00:00:00' ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1",
      'e',
    ],
    [
      "/*!50106 CREATE*/ /*!50117 DEFINER=`a`@`%`*/ /*!50106 EVENT `e``x ENABLE` ON SCHEDULE EVERY '1:2' HOUR_MINUTE ON COMPLETION PRESERVE DISABLE ON SLAVE COMMENT 'x' DO SELECT 1 ",
      'e`x ENABLE',
    ],
    [
      `CREATE DEFINER="a"@"%" EVENT "e" ON SCHEDULE AT '2031-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'ON COMPLETION PRESERVE ENABLE DO' DO SELECT 1`,
      'e',
    ],
  ])('is held, and gets its status back: %s', (text, name) => {
    const head = eventHead(text);
    expect(head?.name).toBe(name);
    const held = eventWithStatus(text, HELD_STATUS);
    expect(eventHead(held)?.status).toBe(HELD_STATUS);
    expect(eventWithStatus(held, head?.status ?? '')).toBe(text);
  });

  it.each([
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1',
    "CREATE DEFINER=`EVENT ``x`` ON SCHEDULE AT '1' ON COMPLETION PRESERVE ENABLE `@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY DO SELECT 1",
    'CREATE PROCEDURE p() SELECT 1',
  ])('of another form is not taken for one that could be held: %s', (text) => expect(eventHead(text)).toBeUndefined());
});

describe('The schema in a statement', () => {
  it('is replaced where it qualifies a name, and in no text or comment', () => {
    const sql =
      "select `a``b`.`t`.`x`, '`a``b`.t', `f`(`a``b`.`g`()), `t`.`a``b`.x /* `a``b`.t */ from `a``b` . t, `a``b`.`t`";
    expect(requalified(sql, 'a`b', 'ü')).toBe(
      "select `ü`.`t`.`x`, '`a``b`.t', `f`(`ü`.`g`()), `t`.`a``b`.x /* `a``b`.t */ from `a``b` . t, `ü`.`t`",
    );
  });

  it('and tokens, joined, are the statement again', () => {
    const sql = "SELECT 'it''s \\' x', \"a\", `b``c`, 1.5 -- c\n# d\n/* e */ /*!50001 f */ 'unfinished";
    expect([...sqlTokens(sql)].map(({ source }) => source).join('')).toBe(sql);
  });
});

describe('The name of a staging or previous database', () => {
  it.each(['shop', 'a'.repeat(64), 'ü'.repeat(60), 'shop__before_1'])(
    'of %s is short enough and says what it is',
    (database) => {
      const name = copyName(database, 'before', '0123abcd');
      expect(name.length).toBeLessThanOrEqual(64);
      expect(parseCopyName(name)).toEqual({ stem: database.slice(0, 47), role: 'before', id: '0123abcd' });
      expect(name).not.toBe(database);
    },
  );

  it.each(['shop', 'shop__restore', 'shop__other_1', '__restore_1', 'shop__restore_1 x'])('is not %s', (name) => {
    expect(parseCopyName(name)).toBeUndefined();
  });
});
