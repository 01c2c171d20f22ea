import type { ToolInfo } from '@app/domain';
import type { DumpContents, DumpSource } from '../../db-driver.js';
import { readForeignArchive } from './postgres-archive.js';
import { ScriptContents } from '../script/script-contents.js';
import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart } from '../script/script-reader.js';
import { skeleton } from '../script/skeleton.js';

/** Reads an archive of somebody else to its end, fails as that does, and says what the script holds that it becomes. */
export async function surveyArchive(archive: DumpSource, tool: ToolInfo, signal: AbortSignal): Promise<DumpContents> {
  const reader = new ScriptReader({ insertHeads: true });
  const contents = new ScriptContents();
  const take = (part: ScriptPart): void => {
    if (part.kind !== 'statement') return;
    const { text, standardStrings, copiesRows } = part;
    contents.note(skeleton(text, { standardStrings }), text, standardStrings);
    if (copiesRows) reader.beginCopyData();
  };
  await readForeignArchive(archive, tool, signal, (chunk) => {
    for (const part of reader.push(chunk)) take(part);
  });
  return contents.result;
}
