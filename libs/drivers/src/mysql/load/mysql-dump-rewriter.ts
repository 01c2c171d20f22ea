import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';
import { quotedName } from '../login/mysql-account.js';
import { readHeader } from './mysql-script-guard.js';

const LF = 0x0a;
/** A longer line of these kinds does not exist; it would be passed on as it is. */
const LINE_LIMIT = 4 * 1024 * 1024;

const SANDBOX_LINE = /^(\xef\xbb\xbf)?\/\*M?!999999\\- [^\n]*/;

/**
 * Makes a dump loadable where it is to go, as it streams by, and keeps every line on its line:
 *
 * - takes out the sandbox line, which older and Oracle's clients cannot read (FAILURES 27); the sandbox is asked for on
 *   the command line instead;
 * - puts the target's name where the tools write the dumped database's: `ALTER DATABASE` around routines of another
 *   collation, and `nextval()` of sequences in defaults. Without that, a restore under another name alters the original.
 */
export class DumpRewriter extends Transform {
  private held: Buffer[] = [];
  private heldBytes = 0;
  private atLineStart = true;
  private rules: LineRule[] | undefined;

  constructor(private readonly target: string) {
    super();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.rules ??= rulesFor(readHeader(chunk).database, this.target);
    let data = chunk;
    if (this.held.length > 0) {
      data = Buffer.concat([...this.held, chunk]);
      this.held = [];
      this.heldBytes = 0;
    }
    this.pass(data);
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.held.length > 0) this.push(this.rewritten(Buffer.concat(this.held)));
    done();
  }

  /** Hands on everything up to an unfinished line that might have to be rewritten. */
  private pass(data: Buffer): void {
    let unchangedFrom = 0;
    let at = 0;
    while (at < data.length) {
      const newline = data.indexOf(LF, at);
      const end = newline === -1 ? data.length : newline;
      if (this.atLineStart && mayNeedRewriting(data[at])) {
        if (newline === -1 && data.length - at < LINE_LIMIT) {
          this.pushIfAny(data.subarray(unchangedFrom, at));
          this.hold(data.subarray(at));
          return;
        }
        const line = data.subarray(at, end);
        const rewritten = this.rewritten(line);
        if (rewritten !== line) {
          this.pushIfAny(data.subarray(unchangedFrom, at));
          this.pushIfAny(rewritten);
          unchangedFrom = end;
        }
      }
      this.atLineStart = newline !== -1;
      at = end + 1;
    }
    this.pushIfAny(data.subarray(unchangedFrom));
  }

  private rewritten(line: Buffer): Buffer {
    for (const { prefix, replace } of this.rules ?? []) {
      if (line.indexOf(prefix) !== 0) continue;
      const before = line.toString('latin1');
      const after = replace(before);
      if (after !== before) return Buffer.from(after, 'latin1');
    }
    return line;
  }

  private hold(part: Buffer): void {
    this.held.push(part);
    this.heldBytes += part.length;
  }

  private pushIfAny(part: Buffer): void {
    if (part.length > 0) this.push(part);
  }
}

interface LineRule {
  /** What the line begins with. */
  prefix: Buffer;
  /** Latin-1 text in and out: UTF-8 passes through unharmed. */
  replace(line: string): string;
}

/** `A`LTER DATABASE, a column definition, an executable comment, a byte order mark. */
function mayNeedRewriting(first: number | undefined): boolean {
  return first === 0x41 || first === 0x20 || first === 0x2f || first === 0xef;
}

function rulesFor(dumped: string | undefined, target: string): LineRule[] {
  const sandbox = (prefix: string): LineRule => ({
    prefix: Buffer.from(prefix, 'latin1'),
    replace: (line) => line.replace(SANDBOX_LINE, ''),
  });
  const rules = [sandbox('/*M!999999\\-'), sandbox('/*!999999\\-'), sandbox('\xef\xbb\xbf/*')];
  if (dumped === undefined || dumped === target) return rules;
  const before = latin1(quotedName(dumped));
  const after = latin1(quotedName(target));
  const collation = `ALTER DATABASE ${before} CHARACTER SET `;
  const sequence = new RegExp(`\\b((?:next|last)val\\()${before.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')}\\.`, 'g');
  const unqualify = (line: string): string => line.replace(sequence, '$1');
  return [
    ...rules,
    {
      prefix: Buffer.from(collation, 'latin1'),
      replace: (line) =>
        /^\w+ COLLATE \w+ ;{1,2}\r?$/.test(line.slice(collation.length))
          ? `ALTER DATABASE ${after} CHARACTER SET ${line.slice(collation.length)}`
          : line,
    },
    { prefix: Buffer.from('  `'), replace: unqualify },
    { prefix: Buffer.from('/*!50001 VIEW `'), replace: unqualify },
  ];
}

function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}
