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
