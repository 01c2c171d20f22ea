import { LongValues } from './long-values.js';

const MIB = 1024 * 1024;

function longest(text: string, chunkBytes: number): Record<string, number> {
  const values = new LongValues();
  const bytes = Buffer.from(text);
  let table: string | undefined;
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    const chunk = bytes.subarray(at, at + chunkBytes);
    table = [...chunk.toString('latin1').matchAll(/INSERT INTO `(\w+)`/g)].at(-1)?.[1] ?? table;
    values.see(chunk, table);
  }
  return Object.fromEntries(values.found);
}

describe('16: the longest value of a table in a dump', () => {
  it.each([64 * 1024 + 1, 700_001])('is told in bytes as the server keeps it, chunks of %d bytes', (chunkBytes) => {
    const statements = [
      `INSERT INTO \`small\` VALUES (1,'${'a'.repeat(MIB / 2)}'),(2,0x${'ab'.repeat(MIB / 4)});`,
      `INSERT INTO \`hex\` VALUES (1,0x${'ab'.repeat(2 * MIB)},'x'),(2,'');`,
      `INSERT INTO \`text\` VALUES\n(1,'${`\\'\\\\a''`.repeat(MIB)}',NULL);`,
      `INSERT INTO \`two\` VALUES (0x${'00'.repeat(MIB)},_binary '${'\\0b'.repeat(MIB)}');`,
    ];
    expect(longest(`-- dump\n${statements.join('\n')}\n-- end\n`, chunkBytes)).toEqual({
      hex: 2 * MIB,
      text: 4 * MIB,
      two: 2 * MIB,
    });
  });
});
