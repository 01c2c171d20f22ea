import { skeleton } from './skeleton.js';

const QUOTED =
  /--[^\n\r]*|\/\*[^]*?\*\/|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|(\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)[^]*?(?:\1|$)/g;
const CLAUSE = /\s(?:USING\s+INDEX\s+)?TABLESPACE\s+("_*"|[\w$\x80-\xff]+)/i;
const MAY_HAVE_ONE =
  /^(CREATE (UNLOGGED |GLOBAL |LOCAL |TEMP(ORARY)? )*TABLE|CREATE (UNIQUE )?INDEX|CREATE MATERIALIZED VIEW|ALTER TABLE)\b/;
const MOVES = /^ALTER (TABLE|INDEX|MATERIALIZED VIEW) .* SET TABLESPACE \S+( NOWAIT)?$/;

/** Settings by which pg_dump says where what follows is to lie. */
export const TABLESPACE_SETTINGS: ReadonlySet<string> = new Set(['default_tablespace', 'temp_tablespaces']);

/** Whether a command does nothing but move something into a tablespace. `text`: its skeleton. */
export function movesToTablespace(text: string): boolean {
  return MOVES.test(text);
}

/** The command without a clause that names a tablespace, outside of brackets: so what it makes lies in the database's own. */
export function withoutTablespace(command: Buffer): Buffer {
  if (!command.includes('TABLESPACE') && !command.includes('tablespace')) return command;
  if (!MAY_HAVE_ONE.test(skeleton(command))) return command;
  const text = command.toString('latin1');
  const blank = (length: number): string => ' '.repeat(length);
  const plain = text.replaceAll(QUOTED, (quoted) =>
    quoted.startsWith('"') && quoted.length > 1 ? `"${'_'.repeat(quoted.length - 2)}"` : blank(quoted.length),
  );
  let depth = 0;
  const outside = plain.split('').map((letter) => {
    if (letter === '(') depth += 1;
    const shown = depth === 0 ? letter : ' ';
    if (letter === ')') depth -= 1;
    return shown;
  });
  const clause = CLAUSE.exec(outside.join(''));
  if (clause === null) return command;
  return Buffer.from(text.slice(0, clause.index) + text.slice(clause.index + clause[0].length), 'latin1');
}
