import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { DefinitionWriter } from './definition-writer.js';

describe('The writer of definitions', () => {
  const lines = new Map([[1, { written: "  `e` enum('?')", exact: "  `e` enum('x')" }]]);
  const through = async (dump: string): Promise<string> =>
    text(Readable.from([Buffer.from(dump)]).pipe(new DefinitionWriter(new Map([['t', lines]]))));

  const table = "CREATE TABLE `t` (\n  `e` enum('?')\n) ENGINE=InnoDB;\n";
  const routine = 'CREATE PROCEDURE `p`()\nBEGIN\nCREATE TABLE `t` (\n  `id` int\n);\nEND ;;\n';

  it('71: replaces the lines of a table, and leaves a routine alone that makes one of the same name', async () => {
    await expect(through(table + routine)).resolves.toBe(table.replace('?', 'x') + routine);
  });

  it('71: fails where a line is not as expected', async () => {
    await expect(through(table.replace('?', '??'))).rejects.toMatchObject({ code: 'DUMP_FAILED' });
  });
});
