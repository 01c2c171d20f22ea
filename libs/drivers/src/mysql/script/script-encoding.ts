import { isAscii, isUtf8 } from 'node:buffer';
import { DomainError } from '@app/domain';
import { unquoted } from './statement-tokens.js';
import type { ScriptStatement } from './mysql-script-reader.js';

/** Character sets in which the second byte of a character may be that of a backslash or a backtick, by their first bytes. */
const AMBIGUOUS: Readonly<Record<string, (byte: number) => boolean>> = {
  sjis: isLeadOfSjis,
  cp932: isLeadOfSjis,
  ...{ gbk: isLeadOfGbk, big5: isLeadOfGbk, gb18030: isLeadOfGbk },
};
/** For `iconv -f`. */
const ICONV: Readonly<Record<string, string>> = {
  sjis: 'CP932',
  cp932: 'CP932',
  gbk: 'GBK',
  big5: 'BIG5',
  gb18030: 'GB18030',
};
const BACKSLASH = 0x5c;
const BACKTICK = 0x60;
const UTF8 = /^utf8(mb3|mb4)?$/;
const SAMPLE_BYTES = 200;
/** More of them say nothing new of a statement. */
const MOST_INVALID = 10_000;

const NAMES = /^SET (?:.*, ?)?(?:NAMES|CHARACTER SET|CHARSET) ['"]?(\w+)/i;
const CLIENT = /^SET (?:.*, ?)?(?:@@)?(?:SESSION[. ])?character_set_client ?:?= ?(@?['"]?\w+)/i;
const MAKES =
  /^CREATE (?:OR REPLACE )?(?:TEMPORARY )?TABLE (?:IF NOT EXISTS )?(?:[^\s.(]+\.)?(`(?:[^`]|``)+`|[^\s(]+)/i;
const ALTERS = /^ALTER (?:IGNORE )?TABLE (?:[^\s.(]+\.)?(`(?:[^`]|``)+`|[^\s(]+)/i;
const FILLS = /^(?:INSERT|REPLACE)(?: (?:LOW_PRIORITY|DELAYED|IGNORE))*(?: INTO)? (`(?:[^`]|``)+`|[^\s(]+)/i;
/** Columns of bytes, which dump tools may write as they are. */
const OF_BYTES =
  /\b(?:(?:TINY|MEDIUM|LONG)?BLOB|(?:VAR)?BINARY|BIT|GEOMETRY|GEOMCOLLECTION|POINT|LINESTRING|POLYGON|MULTI\w+|GEOMETRYCOLLECTION|VECTOR)\b/i;

interface Finished {
  from: number;
  to: number;
  line: number;
  /** Which character set it sets; `''`: as the script began with. */
  sets: string | undefined;
  /** It may hold any bytes. */
  holdsBytes: boolean;
}

/**
 * Whether a foreign script can be read as it says: UTF-8 where it sets that or nothing, and no characters that look to others like the
 * end of an escape. What is left out by it could not be cut into statements, or would be loaded as other text, or cut off, without
 * an error. UNSUPPORTED, with what the script seems to be and how to convert it.
 */
export class ScriptEncoding {
  private position = 0;
  /** The encoding of `SET NAMES`; undefined when the script sets none. */
  private names: string | undefined;
  private current: string | undefined;
  private readonly finished: Finished[] = [];
  private invalid: { at: number; sample: Buffer }[] = [];
  /** Tables of whose rows it is known that they are text. */
  private readonly ofText = new Set<string>();
  /** How many of its characters are UTF-8 and more than ASCII, at least. */
  private characters = 0;
  /** The beginning of a character whose end has not come yet. */
  private cut: Buffer = Buffer.alloc(0);
  private afterLead = false;

  /** A statement that has ended within the bytes that {@link read} is to be shown next, in their order. */
  note({ text, line, from, to }: ScriptStatement): void {
    const words = text.slice(0, 2_000).replace(/\s+/g, ' ').trimStart();
    const made = MAKES.exec(words)?.[1];
    const holdsBytes = OF_BYTES.test(text);
    if (made !== undefined && !holdsBytes) this.ofText.add(unquoted(made));
    // Another database may have a table of that name.
    const changed = holdsBytes ? (made ?? ALTERS.exec(words)?.[1]) : undefined;
    if (changed !== undefined) this.ofText.delete(unquoted(changed));
    const filled = FILLS.exec(words)?.[1];
    this.finished.push({
      ...{ from, to, line, sets: this.setBy(words) },
      holdsBytes:
        made !== undefined
          ? holdsBytes
          : filled === undefined
            ? /\b_binary ?'/i.test(text)
            : !this.ofText.has(unquoted(filled)),
    });
  }

  read(chunk: Buffer): void {
    const base = this.position;
    let at = 0;
    for (const { to, sets } of this.finished) {
      if (sets === undefined) continue;
      const end = Math.min(Math.max(to - base, at), chunk.length);
      this.scan(chunk.subarray(at, end), base + at);
      at = end;
      this.current = sets === '' ? this.names : sets;
      this.cut = Buffer.alloc(0);
      this.afterLead = false;
    }
    this.scan(chunk.subarray(at), base + at);
    this.position += chunk.length;
    this.judge();
  }

  private setBy(words: string): string | undefined {
    const names = NAMES.exec(words)?.[1]?.toLowerCase();
    if (names !== undefined) {
      this.names = names;
      return names;
    }
    const client = CLIENT.exec(words)?.[1]?.toLowerCase();
    return client?.startsWith('@') === true ? '' : client?.replace(/['"]/, '');
  }

  private scan(bytes: Buffer, offset: number): void {
    if (bytes.length === 0) return;
    const isLead = AMBIGUOUS[this.current ?? ''];
    if (isLead !== undefined) this.scanAmbiguous(bytes, isLead);
    else if (this.current === undefined || UTF8.test(this.current)) this.scanUtf8(bytes, offset);
  }

  private scanUtf8(bytes: Buffer, offset: number): void {
    for (const bad of this.invalid) {
      if (bad.sample.length < SAMPLE_BYTES) bad.sample = Buffer.concat([bad.sample, bytes]).subarray(0, SAMPLE_BYTES);
    }
    const text = Buffer.concat([this.cut, bytes]);
    const { invalid, characters, cut } = invalidUtf8(text);
    this.characters += characters;
    for (const at of invalid.slice(0, MOST_INVALID - this.invalid.length)) {
      this.invalid.push({ at: offset - this.cut.length + at, sample: text.subarray(at, at + SAMPLE_BYTES) });
    }
    this.cut = text.subarray(text.length - cut);
  }

  private scanAmbiguous(bytes: Buffer, isLead: (byte: number) => boolean): void {
    for (const byte of bytes) {
      if (!this.afterLead) {
        this.afterLead = isLead(byte);
        continue;
      }
      this.afterLead = false;
      if (byte === BACKSLASH || byte === BACKTICK) throw ambiguous(this.current ?? '');
    }
  }

  private judge(): void {
    let next = 0;
    const skipTo = (offset: number): void => {
      while ((this.invalid[next]?.at ?? offset) < offset) next += 1;
    };
    for (const { from, to, line, holdsBytes } of this.finished.splice(0)) {
      // The text between statements is comments.
      skipTo(from);
      const first = this.invalid[next];
      if (first !== undefined && first.at < to && !holdsBytes) {
        // Two bytes of another character set make one of UTF-8 by chance.
        const isMostlyUtf8 = this.characters > 4 * (this.invalid.length - next);
        throw isMostlyUtf8 ? notAllUtf8(line) : notUtf8(line, this.names, first.sample);
      }
      skipTo(to);
    }
    this.invalid = this.invalid.slice(next);
  }
}

/**
 * Where bytes stand that belong to no character, how many bytes at the end may be of one that is cut off, and how many characters
 * there are that are not ASCII; of a text without such bytes, whether there are.
 */
function invalidUtf8(text: Buffer): { invalid: number[]; cut: number; characters: number } {
  const invalid: number[] = [];
  if (isUtf8(text)) return { invalid, cut: 0, characters: isAscii(text) ? 0 : 1 };
  let characters = 0;
  let at = 0;
  while (at < text.length) {
    const length = lengthOf(text[at] as number);
    let end = at + 1;
    while (end < at + length && end < text.length && ((text[end] as number) & 0xc0) === 0x80) end += 1;
    if (end === text.length && end < at + length) return { invalid, cut: end - at, characters };
    if (end < at + Math.max(length, 1) || length === 0) invalid.push(at);
    else if (length > 1) characters += 1;
    at = end;
  }
  return { invalid, cut: 0, characters };
}

/** Returns the length of a character by its first byte; 0 when no character begins so. */
function lengthOf(first: number): number {
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

function ambiguous(characterSet: string): DomainError {
  return new DomainError(
    'UNSUPPORTED',
    `The dump is text in ${characterSet} (SET NAMES ${characterSet}), in which characters hold the byte of a backslash: where its texts end cannot be told.`,
    {
      hint:
        `Nothing was changed. Make the dump with --default-character-set=utf8mb4, or convert it (iconv -f ${ICONV[characterSet] ?? characterSet} -t UTF-8) ` +
        'and write SET NAMES utf8mb4 in the place of what it sets.',
    },
  );
}

function notUtf8(line: number, names: string | undefined, sample: Buffer): DomainError {
  const { words, iconv, mysql } = encodingOf(sample);
  const says =
    names === undefined ? 'it sets no character set, and UTF-8 is taken for it' : `it says SET NAMES ${names}`;
  return new DomainError(
    'UNSUPPORTED',
    `The dump is not UTF-8 text: line ${line} holds bytes of what seems to be ${words}, but ${says}.`,
    {
      hint:
        `Nothing was changed; characters would be lost. Make the dump with --default-character-set=utf8mb4, or convert it: iconv -f ${iconv} -t UTF-8` +
        (mysql === undefined ? '.' : `; or let it say what it is, at its beginning: SET NAMES ${mysql};`),
    },
  );
}

/** To convert all of such a script would spoil what is UTF-8 in it. */
function notAllUtf8(line: number): DomainError {
  return new DomainError(
    'UNSUPPORTED',
    `The dump is not all UTF-8 text: line ${line} holds bytes that belong to no character, and other texts of it are UTF-8.`,
    {
      hint:
        'Nothing was changed; texts would be cut off at such bytes. Correct them in the source, or in the dump: in a locale of UTF-8, ' +
        `grep -naxv '.*' shows the lines.`,
    },
  );
}

/** Guesses the encoding by what can be read in it. */
function encodingOf(sample: Buffer): { words: string; iconv: string; mysql?: string } {
  const kana = /[\u3040-\u30ff]/;
  // A letter with an accent and the one behind it make one of them by chance.
  const ideographs = /[\u4e00-\u9fff]{2}/;
  const japanese = decoded(sample, 'shift_jis');
  if (kana.test(decoded(sample, 'euc-jp'))) return { words: 'EUC-JP (ujis)', iconv: 'EUC-JP', mysql: 'ujis' };
  if ((kana.test(japanese) || ideographs.test(japanese)) && !/[\uff61-\uff9f]/.test(japanese)) {
    return { words: 'Shift_JIS (sjis, cp932)', iconv: 'CP932' };
  }
  if (ideographs.test(decoded(sample, 'gbk'))) return { words: 'GBK or Big5', iconv: 'GBK' };
  return { words: 'latin1 (ISO 8859-1, Windows-1252) or the like', iconv: 'CP1252', mysql: 'latin1' };
}

/** Nothing where it does not go through. */
function decoded(sample: Buffer, encoding: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(sample, { stream: true });
  } catch {
    return '';
  }
}

function isLeadOfSjis(byte: number): boolean {
  return (byte >= 0x81 && byte <= 0x9f) || (byte >= 0xe0 && byte <= 0xfc);
}

function isLeadOfGbk(byte: number): boolean {
  return byte >= 0x81 && byte <= 0xfe;
}
