import { DomainError } from '@app/domain';
import type { MysqlSession } from '../login/mysql-session.js';
import type { Program } from './stored-object.js';
import { readPrograms } from './stored-object-reader.js';
import { withLibrariesOf } from '../script/library-list.js';
import { HELD_STATUS, eventHead, eventWithStatus } from '../script/stored-object-text.js';
import { storedPrograms } from './stored-objects-table.js';
import { requalified } from '../script/sql-lexer.js';

/** The programs of a copy as the target `live` is to have them. */
export async function incomingPrograms(session: MysqlSession, copy: string, live: string): Promise<Program[]> {
  const stored = await storedPrograms(session, copy);
  if (stored?.note('COMPLETE') !== undefined) return stored.programs;
  const programs = await readPrograms(session, copy);
  return programs.map((program) => {
    if (program.kind === 'VIEW') return { ...program, text: requalifiedText(program.text, copy, live) };
    if (program.kind === 'FUNCTION' || program.kind === 'PROCEDURE') {
      const text = withLibrariesOf(program.text.toString('latin1'), latin1(copy), latin1(live));
      return { ...program, text: Buffer.from(text, 'latin1') };
    }
    if (program.kind !== 'EVENT') return program;
    return { ...program, text: withStatus(program, stored?.note('EVENT STATUS', program.name)) };
  });
}

/** A view that names other schemas, too, names its own. */
function requalifiedText(text: Buffer, from: string, to: string): Buffer {
  const renamed = requalified(text.toString('latin1'), latin1(from), latin1(to));
  // The second for views of Latin-1 clients; without letters beyond ASCII it changes nothing.
  return Buffer.from(requalified(renamed, from, to), 'latin1');
}

/** Every event that was loaded aside has been held, so one that nobody knows the status of must not pass for disabled. */
function withStatus({ name, text }: Program, status: string | undefined): Buffer {
  const statement = text.toString('latin1');
  // Somebody who has altered the event in the copy meant it.
  if (eventHead(statement)?.status !== HELD_STATUS) return text;
  if (status === undefined) {
    throw new DomainError('UNSUPPORTED', `It is not known whether the event "${name}" is to run.`);
  }
  return Buffer.from(eventWithStatus(statement, status), 'latin1');
}

/** A name as it stands in a text of UTF-8 that is read byte by byte. */
function latin1(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}
