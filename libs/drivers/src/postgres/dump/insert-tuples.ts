import { skipQuoted } from '../script/quoted-text.js';

const QUOTE = 0x27;
const DOUBLE_QUOTE = 0x22;
const OPEN = 0x28;
const CLOSE = 0x29;

const WORD = /[A-Za-z_]/;

/** How many rows an INSERT command puts in; undefined where only the server could tell. */
export function countTuples(command: Buffer, standardStrings: boolean): number | undefined {
  let depth = 0;
  let tuples: number | undefined;
  for (let at = 0; at < command.length; at += 1) {
    const byte = command[at] ?? 0;
    if (byte === QUOTE || byte === DOUBLE_QUOTE) {
      at = endOfQuoted(command, at, standardStrings) - 1;
    } else if (byte === OPEN) {
      if (depth === 0 && tuples !== undefined) tuples += 1;
      depth += 1;
    } else if (byte === CLOSE) {
      depth -= 1;
    } else if (depth === 0 && WORD.test(String.fromCharCode(byte))) {
      const word = /^\w+/.exec(command.toString('latin1', at, at + 64))?.[0] ?? '';
      // ON CONFLICT DO NOTHING, as pg_dump can add.
      if (tuples !== undefined) return tuples;
      if (/^DEFAULT$/i.test(word)) return 1;
      if (/^(SELECT|TABLE|WITH)$/i.test(word)) return undefined;
      if (/^VALUES$/i.test(word)) tuples = 0;
      at += word.length - 1;
    }
  }
  return tuples;
}

function endOfQuoted(command: Buffer, at: number, standardStrings: boolean): number {
  if (command[at] === DOUBLE_QUOTE) return end(command, skipQuoted(command, at + 1, { in: 'identifier' }));
  const before = command[at - 1];
  const escapes = !standardStrings || before === 0x45 || before === 0x65;
  return end(command, skipQuoted(command, at + 1, { in: 'string', escapes }));
}

/** A string at the very end of the command is not followed by anything that would tell that it has ended. */
function end(command: Buffer, { next, ended }: { next: number; ended: boolean }): number {
  return ended ? next : command.length;
}
