import { redactor } from './redaction.js';

describe('redactor', () => {
  it('removes known secrets in every form that programs print', () => {
    const redact = redactor(["hunter2's \\ key/1"]);
    expect(redact("login with hunter2's \\ key/1 failed")).toBe('login with [redacted] failed');
    expect(redact("postgres at hunter2's%20%5C%20key%2F1")).toBe('postgres at [redacted]');
    expect(redact('{"a":"hunter2\'s \\\\ key/1"}')).toBe('{"a":"[redacted]"}');
    expect(redact("BY-HAND hunter2''s \\ key/1")).toBe('BY-HAND [redacted]');
  });

  it('removes the longer of two secrets first, so that no part of it stays', () => {
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
  ])('35: removes the short secret %j only as a whole value: %s', (secret, text, expected) => {
    expect(redactor([secret])(text)).toBe(expected);
  });

  it.each([
    ['password', 'FATAL: password authentication failed'],
    ['Failed', 'the login failed'],
    ['postgres', 'role "postgres" does not exist'],
    ['shopkeeper', 'role "shopkeeper" does not exist'],
    ['warehouse', 'the database "warehouse" is missing'],
  ])(
    '35: does not change a message in which the secret %j is a common word, or the name of user or database',
    (secret, text) => {
      expect(redactor([secret], ['shopkeeper', 'warehouse'])(text)).toBe(text);
      expect(redactor([secret], ['shopkeeper', 'warehouse'])(`password=${secret}`)).toBe('password=[redacted]');
    },
  );

  it.each([
    ['author', 'the authorization failed'],
    ['TRANSACT', 'the transaction was rolled back'],
    ['keeper', 'role "shopkeeper" does not exist'],
    ['5432', 'nothing answers at db.example.com:5432'],
    ['db.exa', 'nothing answers at db.example.com:5432'],
    ['tables', 'no tables were found'],
  ])('35: does not change a message in which the secret %j is a part of a word or name', (secret, text) => {
    const redact = redactor([secret], ['shopkeeper', 'db.example.com', '5432']);
    expect(redact(text)).toBe(text);
    expect(redact(`password=${secret}`)).toBe('password=[redacted]');
  });

  it.each([
    ['author', 'no such author', 'no such [redacted]'],
    ['keeper', 'role "shopkeeper" has no "keeper"', 'role "shopkeeper" has no "[redacted]"'],
    ['shop_admin', 'Shop_Admin_DB is not shop_admin', 'Shop_Admin_DB is not [redacted]'],
    ['report', 'database "sales report" holds no report.', 'database "sales report" holds no [redacted].'],
    ['db.example', 'not db.example, but db.example.com', 'not [redacted], but db.example.com'],
    ['db.ex', 'not db.ex, but db.example.com', 'not [redacted], but db.example.com'],
    ['123', 'not 123, but 10.0.0.123', 'not [redacted], but 10.0.0.123'],
  ])(
    '35: removes the secret %j, which is a part of a word or name, where it is a whole value',
    (secret, text, expected) => {
      const names = ['shopkeeper', 'shop_admin_db', 'sales report', 'db.example.com', '10.0.0.123'];
      expect(redactor([secret], names)(text)).toBe(expected);
    },
  );

  it('35: removes a secret that begins with a word or name that is kept', () => {
    expect(redactor(['keeper', 'shopkeeper-7'], ['shopkeeper'])('shopkeeper: shopkeeper-7')).toBe(
      'shopkeeper: [redacted]',
    );
  });

  it('35: removes a secret in the encodings of forms, headers and logs', () => {
    const redact = redactor(['top secret\nöä/7']);
    for (const form of [
      'top+secret%0A%C3%B6%C3%A4%2F7',
      'top%20secret%0a%c3%b6%c3%a4%2f7',
      String.raw`top secret\nöä/7`,
    ]) {
      expect(redact(`<${form}>`)).toBe('<[redacted]>');
    }
    const coded = Buffer.from('top secret\nöä/7').toString('base64');
    expect(redact(`token ${coded}`)).not.toContain(coded.slice(0, 18));
  });

  it('35: searches for no secret in the replacement of another', () => {
    expect(redactor(['dacted', 'hunter22'])('with hunter22')).toBe('with [redacted]');
    expect(redactor(['x[y]z-w', 'y]z-w(', '$&$1$`'])('a x[y]z-w( b $&$1$` c')).toBe('a [redacted]( b [redacted] c');
  });

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
  ])('recognises the places of secrets: %s', (text, expected) => {
    expect(redactor()(text)).toBe(expected);
  });

  it.each([
    'FATAL: password authentication failed for user "bob"',
    'pg_dump -p 5432 -h db',
    'table "passwords" is missing',
    "Access denied for user 'root'@'127.0.0.1' (using password: YES)",
  ])('does not change ordinary words of a message: %s', (text) => {
    expect(redactor()(text)).toBe(text);
  });
});
