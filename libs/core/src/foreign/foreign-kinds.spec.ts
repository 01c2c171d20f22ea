import { engineOfText, isTableOfValues, isText, namedKindOf } from './foreign-kinds.js';

/** Makes the beginning of an InnoDB file: page 0 of type 8, and twice the number of the tablespace. */
function ibd(): Buffer {
  const page = Buffer.alloc(16_384);
  page.writeUInt32BE(0x12345678, 0);
  page.writeUInt16BE(8, 24);
  page.writeUInt32BE(57, 34);
  page.writeUInt32BE(57, 38);
  return page;
}

describe('namedKindOf', () => {
  const dump = '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n'.repeat(10);

  it.each<[string, Buffer, RegExp]>([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${dump}`, 'utf16le'), /^is UTF-16 text/],
    ['UTF-16 of other letters, by its mark', Buffer.from(`\ufeff${'表'.repeat(300)}`, 'utf16le'), /^is UTF-16 text/],
    ['UTF-16 without one', Buffer.from(dump, 'utf16le'), /^is UTF-16 text/],
    ['big-endian UTF-16', Buffer.from(dump, 'utf16le').swap16(), /^is UTF-16 text/],
    [
      'XML of mysqldump',
      Buffer.from('<?xml version="1.0"?>\n<mysqldump xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'),
      /^is XML of mysqldump/,
    ],
    ['PGP', Buffer.from('-----BEGIN PGP MESSAGE-----\n\nhQ'), /^is encrypted with PGP/],
    ['openssl', Buffer.from('Salted__\x01\x02'), /^is encrypted with openssl/],
    ['a .gz in a .gz', Buffer.from('1f8b0800', 'hex'), /^is packed twice/],
    ['7-Zip', Buffer.from('377abcaf271c0004', 'hex'), /^is packed by 7-Zip/],
    ['lz4', Buffer.from('04224d186440a7', 'hex'), /^is packed by 7-Zip, RAR or lz4/],
    ['SQLite', Buffer.from('SQLite format 3\0'), /SQLite/],
    ['a dump of SQLite', Buffer.from('PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n'), /SQLite/],
    [
      'a list of pg_restore',
      Buffer.from(';\n; Archive created at 2026-01-01 UTC\n;     dbname: shop\n'),
      /^is the list/,
    ],
    ['27: a stream of mariabackup', Buffer.from('XBSTCK01\0P'), /^is a stream of xtrabackup or mariabackup/],
    ['27: an encrypted stream of xtrabackup', Buffer.from('XBCRYP02\0'), /^is a stream of xtrabackup/],
    ['27: a binary log', Buffer.from('fe62696e8f1c', 'hex'), /^is a binary log/],
    ['27: an .frm file', Buffer.from('fe010a0c12005600', 'hex'), /^is a file of a single table/],
    ['27: an .MYI file', Buffer.from('fefe070100000000', 'hex'), /^is a file of a single table/],
    ['27: an .ibd file', ibd(), /^is a file of a single table/],
    [
      '27: the list of MySQL Shell',
      Buffer.from('{\n    "dumper": "mysqlsh Ver 8.0.36",'),
      /^is the list of contents of a dump of MySQL Shell/,
    ],
    [
      '27: the metadata of mydumper',
      Buffer.from('# Started dump at: 2026-01-01 00:00:00\n[config]\n'),
      /of a folder of mydumper$/,
    ],
    ['other XML', Buffer.from('<?xml version="1.0"?>\n<feed/>\n'), /^is a web page or XML/],
  ])('names %s', (_what, head, is) => {
    expect(namedKindOf(head)?.is).toMatch(is);
  });

  it('does not recognise an executable as UTF-16 text', () => {
    const program = Buffer.alloc(4_096);
    program.write('\x7fELF\x02\x01\x01', 'latin1');
    program.write('@8\r@\x1f\x1e', 0x34, 'latin1');
    expect(namedKindOf(program)).toBeUndefined();
  });
});

it.each([
  ['id,name\n1,"ann, of york"\n2,bob\n', true],
  ['1\tann\n2\tbob\n', true],
  ['id;name\r\n1;ann\r\n', true],
  ['Hello, world', false],
  ['Dear reader,\nthis is a letter.\n', false],
])('27: recognises a table of values: %j', (content, is) => {
  expect(isTableOfValues(Buffer.from(content))).toBe(is);
});

it('27: ignores a byte order mark', () => {
  expect(isText(Buffer.from('\ufeffCREATE TABLE t (a int);'))).toBe(true);
  expect(engineOfText(Buffer.from('\ufeff-- phpMyAdmin SQL Dump\n'))).toBe('MySQL');
});
