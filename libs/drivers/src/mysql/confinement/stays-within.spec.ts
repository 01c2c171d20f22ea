import type { StoredObject } from '../stored-objects/stored-object.js';
import { staysWithin } from './stays-within.js';

const others = new Set(['other', 'mysql']);
const object = (text: string, more: Partial<StoredObject> = {}): StoredObject => ({
  ...{
    kind: 'EVENT',
    name: 'e',
    text: Buffer.from(text),
    sqlMode: '',
    characterSet: 'utf8mb4',
    collation: 'utf8mb4_bin',
  },
  ...{ databaseCollation: '', table: '', timeZone: '', ...more },
});

describe('An object of a foreign dump', () => {
  it.each([
    'CREATE DEFINER=`root`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY DO delete from purchase',
    "CREATE PROCEDURE p() BEGIN INSERT INTO t (a) SELECT x.a FROM t x WHERE b = 'other.t; GRANT'; SELECT USER(), DATABASE(); END",
    'CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW SET NEW.a = OLD.b /* other.t */',
  ])('stays within its database: %s', (text) => expect(staysWithin(object(text), others)).toBe(true));

  it.each([
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM other.t',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM `Other` . t',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM "other".t',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE x FROM t, other.u x',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO CALL other.p()',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DROP DATABASE shop',
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SET GLOBAL max_connections = 1',
    "CREATE PROCEDURE p() BEGIN PREPARE s FROM 'x'; EXECUTE s; END",
    'CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO /*!50000 DELETE FROM other.t */',
    "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DROP USER app@'%'",
  ])('may reach beyond it: %s', (text) => expect(staysWithin(object(text), others)).toBe(false));

  it('may reach beyond it where its text cannot be read for certain', () => {
    expect(staysWithin(object('SELECT 1', { characterSet: 'gbk' }), others)).toBe(false);
    expect(staysWithin(object('SELECT 1', { sqlMode: 'NO_BACKSLASH_ESCAPES' }), others)).toBe(false);
  });
});
