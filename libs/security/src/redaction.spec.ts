import { redactor } from './redaction.js';

describe('redactor', () => {
  it('takes known secrets out in every form that programs print them', () => {
    const redact = redactor(["hunter2's \\ key/1"]);
    expect(redact("login with hunter2's \\ key/1 failed")).toBe('login with [redacted] failed');
    expect(redact("postgres at hunter2's%20%5C%20key%2F1")).toBe('postgres at [redacted]');
    expect(redact('{"a":"hunter2\'s \\\\ key/1"}')).toBe('{"a":"[redacted]"}');
    expect(redact("BY-HAND hunter2''s \\ key/1")).toBe('BY-HAND [redacted]');
  });

  it('takes the longer of two secrets out first, so that no rest of it stays', () => {
    expect(redactor(['abcd', 'abcdefgh'])('abcdefgh')).toBe('[redacted]');
  });

  it.each([
    ['a', 'the login failed: a banana', 'the login failed: a banana'],
    ['a', `near 'a' in "a"`, `near '[redacted]' in "[redacted]"`],
    ['il', 'it failed', 'it failed'],
    ['fail', 'fail: it failed', 'fail: it failed'],
    ['fail', 'near `fail`', 'near `[redacted]`'],
    ['pw1', 'pw12 is not pw1, nor x=pw1;', 'pw12 is not [redacted], nor x=[redacted];'],
    ['a+b*', 'with a+b* it', 'with [redacted] it'],
    ['secret7', 'xsecret7x', 'x[redacted]x'],
  ])('38: takes the short secret %j out as a whole value only: %s', (secret, text, expected) => {
    expect(redactor([secret])(text)).toBe(expected);
  });

  it.each([
    ['password', 'FATAL: password authentication failed'],
    ['Failed', 'the login failed'],
    ['postgres', 'role "postgres" does not exist'],
    ['shopkeeper', 'role "shopkeeper" does not exist'],
    ['warehouse', 'the database "warehouse" is missing'],
  ])(
    '38: leaves a message alone in which the secret %j is a common word, or the name of user or database',
    (secret, text) => {
      expect(redactor([secret], ['shopkeeper', 'warehouse'])(text)).toBe(text);
      expect(redactor([secret], ['shopkeeper', 'warehouse'])(`password=${secret}`)).toBe('password=[redacted]');
    },
  );

  it('does not search for secrets so short that their places would show them', () => {
    expect(redactor(['', 'a'])('a banana')).toBe('a banana');
  });

  it.each([
    ['password=hunter2 host=x', 'password=[redacted] host=x'],
    ['--password=hunter2', '--password=[redacted]'],
    ['{"password": "hun\\"ter2", "a": 1}', '{"password": [redacted], "a": 1}'],
    ['PGPASSWORD=hunter2 psql', 'PGPASSWORD=[redacted] psql'],
    ['cannot reach postgres://bob:hunter2@db/x', 'cannot reach postgres://bob:[redacted]@db/x'],
    ['mysqldump -u root -phunter2 shop', 'mysqldump -u root -p[redacted] shop'],
    ["near 'CREATE USER x IDENTIFIED BY 'hunter2''", "near 'CREATE USER x IDENTIFIED BY [redacted]'"],
    ["ALTER ROLE x PASSWORD 'hunt''er2' LOGIN", 'ALTER ROLE x PASSWORD [redacted] LOGIN'],
    ['authorization: Basic YWRtaW46aHVudGVyMg==', 'authorization: Basic [redacted]'],
  ])('knows where secrets stand: %s', (text, expected) => {
    expect(redactor()(text)).toBe(expected);
  });

  it.each([
    'FATAL: password authentication failed for user "bob"',
    'pg_dump -p 5432 -h db',
    'table "passwords" is missing',
    "Access denied for user 'root'@'127.0.0.1' (using password: YES)",
  ])('leaves the words of a message alone: %s', (text) => {
    expect(redactor()(text)).toBe(text);
  });
});
