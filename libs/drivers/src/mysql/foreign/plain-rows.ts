import { endOfQuoted } from '../script/sql-lexer.js';
import { READ_BY_ALL } from '../script/statement-readings.js';
import { BLANK, QUOTED_NAME } from '../script/lexer/lexical-rules.js';

const TEXT = `'(?:[^'\\\\]|\\\\[^]|'')*'|"(?:[^"\\\\]|\\\\[^]|"")*"`;
const PLAIN = `(?:[-+]?[\\d.]+(?:e[-+]?\\d+)?|(?:_\\w+ ?)?0x[\\da-f]+|(?:_\\w+ ?|[xbn]|DATE ?|TIME(?:STAMP)? ?)?(?:${TEXT})|NULL|TRUE|FALSE|DEFAULT)`;
/** The functions that Adminer, phpMyAdmin and others write for bits, geometry, JSON and bytes, and people write for times. */
const FUNCTIONS =
  'CONV|ST_Geom(?:etry)?FromText|GeomFromText|ST_GeomFromWKB|UNHEX|FROM_BASE64|STR_TO_DATE|NOW|CURDATE|CURRENT_DATE|CURRENT_TIMESTAMP|UUID|CONCAT|CHAR';
const CALL =
  `(?:${FUNCTIONS})` +
  `\\(${BLANK}*(?:${PLAIN}(?:${BLANK}*,${BLANK}*${PLAIN})*)?${BLANK}*\\)(?: ?\\+ ?0)?|CAST\\(${BLANK}*${PLAIN} AS \\w+${BLANK}*\\)|CURRENT_(?:TIMESTAMP|DATE)`;
const VALUE = `(?:${CALL}|${PLAIN})`;
/** One that only newer servers read may come before it, as in the geometry of sakila. The others look for its end alone. */
const ITEM = `(?:/\\*!\\d{5,6}${BLANK}+(?:[-+]?[\\d.]+|0x[\\da-f]+|NULL|'[^'\\\\*]*')${BLANK}*,${BLANK}*\\*/${BLANK}*)?${VALUE}`;
const ROW = new RegExp(
  `${BLANK}*\\(${BLANK}*${ITEM}(?:${BLANK}*,${BLANK}*${ITEM})*${BLANK}*\\)${BLANK}*(?:,|$|(?=\\*/))`,
  'iy',
);
const ROWS = new RegExp(
  `^(?:/\\*!\\d{5,6} )?(?:INSERT|REPLACE)(?:${BLANK}+(?:IGNORE|LOW_PRIORITY|HIGH_PRIORITY|DELAYED))*(?:${BLANK}+INTO)?${BLANK}+(${QUOTED_NAME}|[\\w$]+)${BLANK}*` +
    `(?:\\(${BLANK}*(?:${QUOTED_NAME}|[\\w$]+)(?:${BLANK}*,${BLANK}*(?:${QUOTED_NAME}|[\\w$]+))*${BLANK}*\\)${BLANK}*)?VALUES?`,
  'iy',
);
/** Whether rows may call it. Not every server has a function of its own under each of these names. */
export function isCalledByRows(name: string): boolean {
  return new RegExp(`^(?:${FUNCTIONS})$`, 'i').test(name);
}

/**
 * What an INSERT or REPLACE fills, as it is quoted there, if its rows are plain values, which call nothing that a dump could have made.
 * Undefined for every other statement.
 */
export function plainRows(whole: string): { table: string } | { why: string } | undefined {
  const statement = whole.length > LONG ? withoutLongTexts(whole) : whole;
  ROWS.lastIndex = 0;
  const table = ROWS.exec(statement)?.[1];
  if (table === undefined) {
    const isOther = !/^\s*(\/\*!\d*\s*)?(INSERT|REPLACE)\b/i.test(statement);
    return isOther ? undefined : { why: 'fills a table in an unknown way' };
  }
  let at = ROWS.lastIndex;
  while (at < statement.length) {
    ROW.lastIndex = at;
    if (!ROW.test(statement)) break;
    at = ROW.lastIndex;
  }
  if (!/^[\t-\r ]*(\*\/)?[\t-\r ]*$/.test(statement.slice(at))) return { why: 'holds other rows than of plain values' };
  const [opening] = /^\/\*!\d*/.exec(statement) ?? [];
  // Who does not read it looks for the end of the comment alone, which may stand in a text.
  if (opening !== undefined && !READ_BY_ALL.test(opening))
    return { why: 'holds comments that servers read differently' };
  return { table };
}

/** Regular expressions have no room for texts of several million characters. */
const LONG = 1024 * 1024;
const LONG_TEXT = 64 * 1024;

/** With `'*'` in the place of long texts: it is one, too, and none that may stand in an executable comment. */
function withoutLongTexts(statement: string): string {
  const quote = /['"`]/g;
  let short = '';
  let copied = 0;
  for (let found = quote.exec(statement); found !== null; found = quote.exec(statement)) {
    const end = endOfQuoted(statement, found.index);
    if (end === undefined) break;
    if (end - found.index > LONG_TEXT && found[0] !== '`') {
      short += `${statement.slice(copied, found.index)}'*'`;
      copied = end;
    }
    quote.lastIndex = end;
  }
  return short + statement.slice(copied);
}
