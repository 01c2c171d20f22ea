import { DomainError } from '@app/domain';
import { skeleton } from '../script/skeleton.js';
import { ScriptNames } from '../script/script-names.js';
import type { QualifiedName } from '../script/script-names.js';
import { ScriptReader } from '../script/script-reader.js';
import type { ScriptPart, ScriptStatement } from '../script/script-reader.js';
import { commandForPsql } from '../foreign/statement-policy.js';

const END = Buffer.from(';\n');

/** Rows, values of sequences, large objects; and what would begin to act by itself, or keep a database from being dropped. */
const NOT_SCHEMA = new RegExp(
  [
    String.raw`^SELECT (PG_CATALOG\.)?(SETVAL|LO_\w+|LOWRITE)\b`,
    '^REFRESH MATERIALIZED VIEW',
    String.raw`^(CREATE|ALTER|DROP|COMMENT ON|SECURITY LABEL( FOR \S+)? ON) (SUBSCRIPTION|PUBLICATION|EVENT TRIGGER|LARGE OBJECT)\b`,
    '^(GRANT|REVOKE) .* ON LARGE OBJECT',
  ].join('|'),
);

/** Which tables are published by name. */
const PUBLISHING = /^(CREATE PUBLICATION (?!.* FOR )|ALTER PUBLICATION .* ADD TABLE ONLY )/;

/**
 * The commands of a plain dump that make its objects, without all that fills them. `publishing`: gets those that say which tables
 * are published.
 */
export async function* schemaOf(script: AsyncIterable<Buffer>, publishing?: Buffer[]): AsyncGenerator<Buffer> {
  for await (const { text } of schemaCommands(script, publishing)) {
    yield text;
    yield END;
  }
}

/** The tables that a dump makes, partitioned ones and partitions included. */
export async function tablesOf(script: AsyncIterable<Buffer>): Promise<QualifiedName[]> {
  const tables: QualifiedName[] = [];
  for await (const { text, names } of schemaCommands(script)) {
    const table = names.createdTable(text);
    if (table !== undefined) tables.push(table);
  }
  return tables;
}

async function* schemaCommands(
  script: AsyncIterable<Buffer>,
  publishing: Buffer[] = [],
): AsyncGenerator<{ text: Buffer; names: ScriptNames }> {
  const reader = new ScriptReader({ insertHeads: true });
  const names = new ScriptNames();
  const commands = function* (parts: Iterable<ScriptPart>): Generator<{ text: Buffer; names: ScriptNames }> {
    for (const part of parts) {
      if (part.kind === 'meta') requireGuard(part);
      if (part.kind === 'statement' && takes(part, reader, names, publishing)) yield { text: part.text, names };
    }
  };
  for await (const chunk of script) yield* commands(reader.push(chunk));
  yield* commands(reader.end());
}

function takes(statement: ScriptStatement, reader: ScriptReader, names: ScriptNames, publishing: Buffer[]): boolean {
  const { text, standardStrings, setting, copiesRows } = statement;
  const words = skeleton(text, { standardStrings });
  if (setting !== undefined) names.setting(setting);
  if (copiesRows) {
    reader.beginCopyData();
    return false;
  }
  requireCopies(words);
  if (PUBLISHING.test(words)) publishing.push(text);
  return !NOT_SCHEMA.test(words);
}

/** UNSUPPORTED for a command that makes or changes rows. */
export function requireCopies(words: string): void {
  const [command] = /^(INSERT|UPDATE|DELETE|MERGE|WITH)\b/.exec(words) ?? [];
  if (command === undefined) return;
  throw new DomainError(
    'UNSUPPORTED',
    command === 'INSERT'
      ? 'The dump holds its rows as INSERT commands, of which no tables can be picked.'
      : `The dump changes rows by commands (${command}), of which no tables can be picked.`,
    {
      hint: 'Restore all of it into another database, or make dumps with pg_dump’s default form of rows.',
    },
  );
}

/** psql's guard is nothing that we obey; anything else is. */
function requireGuard({ command, insideStatement }: { command: string; insideStatement: boolean }): void {
  if (!insideStatement && /^\\(un)?restrict( \w+)?$/.test(command)) return;
  throw commandForPsql(command);
}
