import { parse, unsafe } from 'ini';

interface Line {
  readonly section: string;
  /** Undefined for comments, blank lines and section headers. */
  readonly key: string | undefined;
  readonly text: string;
}

/** A line that is neither a section, a setting, a comment nor blank. */
export class IniFault extends Error {
  constructor(readonly line: number) {
    super(`line ${line} is not "[section]", "name = value" or a comment`);
    this.name = 'IniFault';
  }
}

/**
 * An INI text that is edited in place: everything that a person wrote in it (comments, order, unknown settings) stays. The `ini`
 * package reads the values, and they are written so that it reads back exactly the same text.
 */
export class IniDocument {
  private constructor(private readonly lines: readonly Line[]) {}

  /** Throws {@link IniFault}. */
  static parse(text: string): IniDocument {
    const lines: Line[] = [];
    let section = '';
    const rows = text.replace(/^\uFEFF/, '').split(/\r\n|[\r\n]/);
    if (rows.at(-1) === '') rows.pop();
    for (const [index, row] of rows.entries()) {
      const header = /^\[([^\]]*)\]\s*$/.exec(row);
      const setting = /^([^=]+)=/.exec(row);
      if (row.includes('\0')) throw new IniFault(index + 1);
      if (isRemark(row)) {
        lines.push({ section, key: undefined, text: row });
      } else if (header !== null) {
        section = unsafe(header[1] ?? '');
        lines.push({ section, key: undefined, text: row });
      } else if (setting !== null && setting[1]?.startsWith('[') === false) {
        lines.push({ section, key: unsafe(setting[1]), text: row });
      } else {
        throw new IniFault(index + 1);
      }
    }
    return new IniDocument(lines);
  }

  get(section: string, key: string): string | undefined {
    const line = this.lines.findLast((candidate) => candidate.section === section && candidate.key === key);
    return line === undefined ? undefined : valueOf(line);
  }

  /** Returns the document with one setting changed, added at the end of its section, or removed (for undefined). */
  with(section: string, key: string, value: string | undefined): IniDocument {
    if (this.get(section, key) === value) return this;
    const isSetting = (line: Line): boolean => line.section === section && line.key === key;
    const at = this.lines.findLastIndex(isSetting);
    const lines = this.lines.filter((line, index) => index === at || !isSetting(line));
    const place = lines.findLastIndex(isSetting);
    if (value === undefined) return new IniDocument(lines.filter((_, index) => index !== place));
    const changed: Line = { section, key, text: `${key} = ${write(value)}` };
    if (place >= 0) return new IniDocument(lines.with(place, changed));
    const end = lines.findLastIndex((line) => line.section === section && !isRemark(line.text));
    if (end >= 0) return new IniDocument(lines.toSpliced(end + 1, 0, changed));
    const gap: Line[] = lines.length === 0 ? [] : [{ section, key: undefined, text: '' }];
    return new IniDocument([...lines, ...gap, { section, key: undefined, text: `[${section}]` }, changed]);
  }

  toString(): string {
    return this.lines.map((line) => `${line.text}\n`).join('');
  }
}

function isRemark(text: string): boolean {
  return /^\s*([;#].*)?$/s.test(text);
}

/** Reads a line with `ini`; its booleans and null are texts here. */
function valueOf(line: Line): string {
  const parsed: Record<string, unknown> = parse(line.text);
  const value = Object.values(parsed)[0];
  return String(Array.isArray(value) ? value[0] : value);
}

/** Writes a value plainly where that is unambiguous, else quoted as JSON, which `ini` reads exactly. */
function write(value: string): string {
  return /^[\p{L}\p{N}_./:@+-][\p{L}\p{N}_./:@+ -]*$/u.test(value) && value === value.trim()
    ? value
    : JSON.stringify(value).replace(/[\u2028\u2029]/g, (mark) => `\\u${mark.charCodeAt(0).toString(16)}`);
}
