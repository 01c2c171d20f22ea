import { CopyCounter } from './copy-counter.js';

function count(dump: string, size: number): number {
  const counter = new CopyCounter();
  const bytes = Buffer.from(dump);
  const piece = Buffer.alloc(size);
  for (let from = 0; from < bytes.length; from += size) {
    // The same memory again and again: nothing of a chunk may be looked at after its turn.
    counter.update(piece.subarray(0, bytes.copy(piece, 0, from, from + size)));
  }
  return counter.tables;
}

const SIZES = [1, 2, 3, 5, 7, 16, 31, 32, 33, 100_000];

describe.each(SIZES)('The tables in a dump that comes in pieces of %p bytes', (size) => {
  test.each<[string, string, number]>([
    ['none', '--\n-- PostgreSQL database dump\n--\n\nSET x = 1;\n', 0],
    ['one', 'COPY public.t (a, b) FROM stdin;\n1\t2\n\\.\n', 1],
    ['one that is empty', 'SET x = 1;\nCOPY public.t (a) FROM stdin;\n\\.\nSELECT 1;\n', 1],
    ['one that has just begun', 'SET x = 1;\nCOPY public.t (a) FROM stdin;\n', 1],
    ['one that is about to begin', 'SET x = 1;\nCOPY public.t (a) FROM stdin;', 0],
    ['several', 'COPY a (x) FROM stdin;\n1\n\\.\n\n\nCOPY b (x) FROM stdin;\n2\n\\.\nCOPY c (x) FROM stdin;\n\\.\n', 3],
    [
      'rows that look like the beginning',
      'COPY a (x) FROM stdin;\nCOPY b (x) FROM stdin;\nCOPY c FROM stdin;\n\\.\n',
      1,
    ],
    ['rows that look like the end', 'COPY a (x) FROM stdin;\nx\\\\.\n \\.\nx\\.\nCOPY b FROM stdin;\n\\.\n', 1],
    ['Windows line ends', 'COPY a (x) FROM stdin;\r\n1\r\n\\.\r\nCOPY b (x) FROM stdin;\r\n2\r\n\\.\r\n', 2],
    [
      'a very long list of columns',
      `COPY a (${'column, '.repeat(500)}) FROM stdin;\n1\n\\.\nCOPY b (x) FROM stdin;\n`,
      2,
    ],
    ['other commands', 'COPY a TO stdout;\nSELECT 1; COPY a FROM stdin;\nCOPYING a FROM stdin;\n', 0],
  ])('are counted: %s', (_title, dump, tables) => {
    expect(count(dump, size)).toBe(tables);
  });
});
