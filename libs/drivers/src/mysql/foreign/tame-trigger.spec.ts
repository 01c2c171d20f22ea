import { bodyOfTrigger, writtenByTameTrigger } from './tame-trigger.js';

const written = (body: string): string[] | undefined => {
  const tokens = bodyOfTrigger(`CREATE TRIGGER x BEFORE INSERT ON t FOR EACH ROW ${body}`);
  const names = tokens === undefined ? undefined : writtenByTameTrigger(tokens);
  return names === undefined ? undefined : [...names];
};

describe('27: a trigger of a foreign dump that rows set off', () => {
  it.each([
    ['SET NEW.create_date = NOW()', []],
    ['SET NEW.a = IFNULL(NEW.a, 1), NEW.b = UPPER(NEW.c)', []],
    ['BEGIN\n INSERT INTO film_text (film_id, title) VALUES (new.film_id, new.title);\n END', ['film_text']],
    [
      'BEGIN IF (old.title != new.title) OR (old.d != new.d) THEN UPDATE film_text SET title=new.title, d=new.d, film_id=new.film_id WHERE film_id=old.film_id; END IF; END',
      ['film_text'],
    ],
    ['BEGIN DELETE FROM film_text WHERE film_id = old.film_id; END', ['film_text']],
    ['DELETE FROM `\xc3\x84 ``x` WHERE a = NEW.a', ['\xc3\x84 `x']],
    [`BEGIN IF NEW.a < 0 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'; END IF; END`, []],
  ])('is tame: %s', (body, tables) => expect(written(body)).toEqual(tables));

  it.each([
    'SET @a = 1',
    'SET sql_mode = 1048576',
    'SET NEW.a = 1, sql_mode = 1048576',
    'SET NEW.a = 1, @a = 1',
    'BEGIN SET NEW.a = 1; SET character_set_client = gbk; END',
    'INSERT INTO other.t VALUES (1)',
    'INSERT other VALUES (1)',
    'BEGIN INSERT INTO t2 SELECT * FROM u; END',
    'SET NEW.a = (SELECT 1)',
    'SET NEW.a = f()',
    'SET NEW.a = `f`()',
    'SET NEW.a = other.f()',
    'SET NEW.a = sys_exec(1)',
    'CALL p()',
    'BEGIN DECLARE a INT; END',
    'BEGIN UPDATE t2, other.t3 SET a = 1; END',
    'BEGIN UPDATE t2, t3 SET a = 1; END',
    'BEGIN DELETE FROM t2 USING t2 JOIN t3; END',
    'BEGIN DELETE FROM t2, t3 USING t2 JOIN t3; END',
    'BEGIN DELETE t2 FROM other.t2; END',
    'BEGIN TRUNCATE t2; END',
    'BEGIN UPDATE t2 SET a = @b := 1; END',
    'BEGIN IF 1 THEN DROP TABLE t2; END IF; END',
    'BEGIN IF NEW.a IN (TABLE v) THEN SET NEW.a = 1; END IF; END',
    'INSERT INTO t2 (TABLE v)',
    'SET NEW.a = NEW.UPPER(1)',
    'SET NEW.a = VALUE(1)',
    'lbl: LOOP SET NEW.a = 1; END LOOP',
  ])('is not tame: %s', (body) => expect(written(body)).toBeUndefined());
});
