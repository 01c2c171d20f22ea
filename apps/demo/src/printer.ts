import { stdout } from 'node:process';

/** Colours on a terminal only, so that a log or a pipe gets plain text. */
const coloured = stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number, text: string): string => (coloured ? `\u001B[${code}m${text}\u001B[0m` : text);

export const bold = (text: string): string => paint(1, text);
export const dim = (text: string): string => paint(2, text);
export const red = (text: string): string => paint(31, text);
export const green = (text: string): string => paint(32, text);
export const yellow = (text: string): string => paint(33, text);
export const cyan = (text: string): string => paint(36, text);

export function print(text = ''): void {
  stdout.write(`${text}\n`);
}

export function heading(text: string): void {
  print(`\n${bold(`== ${text}`)}`);
}

/** Rows of equal length; a cell is padded by its plain text and then painted. */
export function table(head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.text.length ?? 0)),
  );
  const line = (cells: readonly Cell[]): string =>
    cells.map(({ text, paint: brush }, column) => (brush ?? plain)(text.padEnd(widths[column] ?? 0))).join('   ');
  print(line(head.map((text) => ({ text, paint: dim }))).trimEnd());
  for (const row of rows) print(line(row).trimEnd());
}

export interface Cell {
  text: string;
  paint?: (text: string) => string;
}

const plain = (text: string): string => text;
