import { namedKindOf } from './foreign-kinds.js';

describe('namedKindOf', () => {
  const dump = '--\n-- PostgreSQL database dump\n--\n\nSET statement_timeout = 0;\n'.repeat(10);

  it.each<[string, Buffer, RegExp]>([
    ['UTF-16 with a mark', Buffer.from(`\ufeff${dump}`, 'utf16le'), /^is UTF-16 text/],
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
    ['other XML', Buffer.from('<?xml version="1.0"?>\n<feed/>\n'), /^is a web page or XML/],
  ])('names %s', (_what, head, is) => {
    expect(namedKindOf(head)?.is).toMatch(is);
  });

  it('takes a program for no UTF-16 text', () => {
    const program = Buffer.alloc(4_096);
    program.write('\x7fELF\x02\x01\x01', 'latin1');
    program.write('@8\r@\x1f\x1e', 0x34, 'latin1');
    expect(namedKindOf(program)).toBeUndefined();
  });
});
