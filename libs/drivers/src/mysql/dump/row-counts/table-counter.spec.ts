import { TableCounter } from './table-counter.js';

const table = (name: string): string =>
  `--\n-- Table structure for table \`${name}\`\n--\nCREATE TABLE x (a int);\n\n--\n-- Dumping data for table \`${name}\`\n--\n\nINSERT INTO x VALUES ('\\n-- Dumping data for table \`y\`');\n`;

describe.each([1, 3, 26, 27, 28, 100_000])('The tables in a dump that comes in pieces of %p bytes', (size) => {
  it.each([
    [0, '-- MariaDB dump 10.19\n'],
    [1, table('a')],
    [3, table('a') + table('b') + table('c')],
    [1, "-- Dumping data for table `a`\nINSERT INTO a VALUES ('-- Dumping data for table');\n"],
  ])('are %i', (tables, dump) => {
    const counter = new TableCounter();
    const bytes = Buffer.from(dump);
    for (let from = 0; from < bytes.length; from += size) counter.update(bytes.subarray(from, from + size));
    expect(counter.tables).toBe(tables);
  });
});
