import type { ToolInfo } from '@app/domain';
import type { DumpContents, DumpSource } from '../../db-driver.js';
import { readForeignArchive } from './postgres-archive.js';
import { ScriptContents } from '../script/script-contents.js';
import { skeleton } from '../script/skeleton.js';
import { SqlScriptScanner } from '../script/sql-script-scanner.js';
import type { ScriptPart } from '../script/sql-script-scanner.js';
import { standardStringsSetting } from '../foreign/statement-policy.js';

/** Reads an archive of somebody else to its end, fails as that does, and says what the script holds that it becomes. */
export async function surveyArchive(archive: DumpSource, tool: ToolInfo, signal: AbortSignal): Promise<DumpContents> {
  const scanner = new SqlScriptScanner();
  const contents = new ScriptContents();
  const take = (part: ScriptPart): void => {
    if (part.kind !== 'statement') return;
    const words = skeleton(part.text, { standardStrings: scanner.standardStrings });
    contents.note(words, part.text, scanner.standardStrings);
    scanner.standardStrings = standardStringsSetting(part.text) ?? scanner.standardStrings;
    if (/^COPY .* FROM STDIN\b/.test(words)) scanner.beginCopyData();
  };
  await readForeignArchive(archive, tool, signal, (chunk) => {
    for (const part of scanner.push(chunk)) take(part);
  });
  return contents.result;
}
