import { parse } from 'ini';
import { IniDocument } from './ini-document.js';

const HAND_WRITTEN = `; my servers
[connection]
host = db.example.com ; the big one
port=5432

# not yet
[custom]
colour = blue
list[] = a
list[] = b
`;

describe('IniDocument', () => {
  it('keeps every byte that it does not change', () => {
    expect(IniDocument.parse(HAND_WRITTEN).toString()).toBe(HAND_WRITTEN);
    const same = IniDocument.parse(HAND_WRITTEN).with('connection', 'host', 'db.example.com');
    expect(same.toString()).toBe(HAND_WRITTEN);
  });

  it('changes one line, adds at the end of a section, adds sections, and removes settings', () => {
    const changed = IniDocument.parse(HAND_WRITTEN)
      .with('connection', 'port', '5433')
      .with('connection', 'database', 'shop')
      .with('custom', 'colour', undefined)
      .with('tools', 'pg_dump_path', '/usr/bin/pg_dump');
    expect(changed.toString()).toBe(`; my servers
[connection]
host = db.example.com ; the big one
port = 5433
database = shop

# not yet
[custom]
list[] = a
list[] = b

[tools]
pg_dump_path = /usr/bin/pg_dump
`);
  });

  it.each([
    'plain',
    '',
    ' spaces around ',
    'semicolon;hash#equals=',
    'back\\slash \\; \\\\',
    '"quoted"',
    "'single'",
    '"unbalanced',
    'tab\tnewline\nreturn\r',
    '[section]',
    'true',
    'null',
    '__proto__',
    'ünïcödé 🗝',
    '\u2028',
  ])('writes %j so that this class and the ini package read the same text back', (value) => {
    const text = IniDocument.parse('').with('s', 'k', value).with('s', 'after', 'x').toString();
    expect(IniDocument.parse(text).get('s', 'k')).toBe(value);
    expect(String(parse(text)['s']?.k)).toBe(value);
    expect(IniDocument.parse(text).get('s', 'after')).toBe('x');
  });

  it('uses the last of several lines for one setting, and leaves one line when it changes the setting', () => {
    const document = IniDocument.parse('[a]\nk = 1\nk = 2\n');
    expect(document.get('a', 'k')).toBe('2');
    expect(document.with('a', 'k', '3').toString()).toBe('[a]\nk = 3\n');
    expect(document.with('a', 'k', undefined).toString()).toBe('[a]\n');
  });

  it('reads files from other editors: byte order mark, CRLF, no newline at the end', () => {
    expect(IniDocument.parse('\uFEFF[a]\r\nk = v').get('a', 'k')).toBe('v');
  });

  it.each(['[a]\nk', '[a]\n[b\nk = v', 'k = \0', '{"json": 1}'])('names the line that is no setting: %j', (text) => {
    expect(() => IniDocument.parse(text)).toThrow(/^line [12] is not/);
  });
});
