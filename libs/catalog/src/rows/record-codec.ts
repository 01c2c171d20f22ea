import type { Stored } from './tables.js';

/** Translates between a record and its row. It translates only present fields; undefined counts as absent. */
export interface RecordCodec<R, Row> {
  toRow(record: R): Row;
  toChange(change: Partial<R>): Partial<Row>;
  fromRow(row: Row): R;
}

/** `json` and `flags` are the fields that the table holds as JSON text, and as 0 or 1; `rowOnly` columns are in no record. */
export function recordCodec<R extends object>() {
  return <const J extends keyof R = never, const F extends keyof R = never>(columns: {
    json?: readonly J[];
    flags?: readonly F[];
    rowOnly?: readonly string[];
  }): RecordCodec<R, Stored<R, J, F>> => {
    const json = new Set<unknown>(columns.json);
    const flags = new Set<unknown>(columns.flags);
    const hidden = new Set(columns.rowOnly);
    const translate = (source: object, one: (key: string, value: unknown) => unknown): unknown =>
      Object.fromEntries(
        Object.entries(source)
          .filter(([key, value]) => value !== undefined && !hidden.has(key))
          .map(([key, value]) => [key, one(key, value)]),
      );
    const encode = (key: string, value: unknown): unknown => {
      if (json.has(key)) return value === null ? null : JSON.stringify(value);
      return flags.has(key) ? Number(value) : value;
    };
    const decode = (key: string, value: unknown): unknown => {
      if (json.has(key)) return typeof value === 'string' ? JSON.parse(value) : null;
      return flags.has(key) ? value === 1 : value;
    };
    return {
      toRow: (record) => translate(record, encode) as Stored<R, J, F>,
      toChange: (change) => translate(change, encode) as Partial<Stored<R, J, F>>,
      fromRow: (row) => translate(row, decode) as R,
    };
  };
}
