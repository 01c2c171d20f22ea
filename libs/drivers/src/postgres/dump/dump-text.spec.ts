import { DumpCompleteness, recogniseDump } from './dump-text.js';

const HEAD = '--\n-- PostgreSQL database dump\n--\n\n';
const END = '--\n-- PostgreSQL database dump complete\n--\n\n';

function tarHead(name: string): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0);
  // The user and the group of pg_dump.
  block.write('0004000\x000002000\0', 108);
  block.write('ustar', 257);
  return block;
}

describe('recogniseDump', () => {
  test.each<[string, Buffer, string | undefined]>([
    ['a plain dump', Buffer.from(HEAD), 'plain'],
    ['a plain dump with Windows line ends', Buffer.from(HEAD.replaceAll('\n', '\r\n')), 'plain'],
    ['a plain dump behind a byte order mark', Buffer.from(`\uFEFF${HEAD}`), 'plain'],
    ['a plain dump behind a guard and blank lines', Buffer.from(`\n\\restrict abc\n  \n${HEAD}`), 'plain'],
    ['a custom archive', Buffer.from('PGDMP\x01\x0e'), 'custom'],
    ['a tar archive', tarHead('toc.dat'), 'tar'],
    ['somebody else’s tar', tarHead('photos/1.jpg'), undefined],
    ['a dump of a whole cluster', Buffer.from(`--\n-- PostgreSQL database cluster dump\n--\n\n${HEAD}`), undefined],
    ['a MySQL dump', Buffer.from('-- MySQL dump 10.13\n--\n-- Host: x\n'), undefined],
    ['the words in a MySQL dump', Buffer.from(`INSERT INTO t VALUES ('\n${HEAD}`), undefined],
    ['the words with something behind', Buffer.from('-- PostgreSQL database dump of mine\n'), undefined],
    ['UTF-16', Buffer.from(HEAD, 'utf16le'), undefined],
    ['nothing', Buffer.alloc(0), undefined],
  ])('knows %s for what it is', (_title, head, expected) => {
    expect(recogniseDump(head)).toBe(expected);
  });
});

describe('DumpCompleteness', () => {
  const check = (format: 'plain' | 'custom' | 'tar', bytes: Buffer, size: number): void => {
    const completeness = new DumpCompleteness(format);
    for (let from = 0; from < bytes.length; from += size) completeness.update(bytes.subarray(from, from + size));
    completeness.finish();
  };
  const filler = `${'x'.repeat(80)}\n`.repeat(50);

  test.each([1, 7, 512, 100_000])('FAILURES 1: accepts whole dumps that come in pieces of %p bytes', (size) => {
    check('plain', Buffer.from(HEAD + filler + END), size);
    const key = 'k'.repeat(63);
    check('plain', Buffer.from(`\\restrict ${key}\n\n${HEAD}${filler}${END}\\unrestrict ${key}\n\n`), size);
    check('plain', Buffer.from((HEAD + filler + END).replaceAll('\n', '\r\n')), size);
    check('custom', Buffer.from(`PGDMP${filler}`), size);
    check('tar', Buffer.concat([tarHead('toc.dat'), Buffer.alloc(2048)]), size);
  });

  test.each<[string, 'plain' | 'custom' | 'tar', Buffer]>([
    ['an empty file', 'plain', Buffer.alloc(0)],
    ['an empty archive', 'custom', Buffer.alloc(0)],
    ['a plain dump without its end', 'plain', Buffer.from(HEAD + filler)],
    ['a plain dump cut in the mark', 'plain', Buffer.from(HEAD + filler + END.slice(0, -10))],
    [
      'a plain dump cut in the guard behind the mark',
      'plain',
      Buffer.from(`\\restrict abc\n${HEAD}${END}\\unrestrict ab`),
    ],
    ['the mark as a row of a table', 'plain', Buffer.from(`${HEAD}COPY t FROM stdin;\n${END}1\t2\n`)],
    ['the mark far from the end', 'plain', Buffer.from(HEAD + END + filler)],
    ['the mark in the middle of a line', 'plain', Buffer.from(`${HEAD}x${END}`)],
    ['another file as an archive', 'custom', Buffer.from(HEAD + END)],
    ['a tar cut off', 'tar', Buffer.concat([tarHead('toc.dat'), Buffer.from(filler)])],
  ])('FAILURES 2: refuses %s', (_title, format, bytes) => {
    expect(() => check(format, bytes, 1000)).toThrow(expect.objectContaining({ code: 'DUMP_INCOMPLETE' }));
  });
});
