import { troubleOf } from './api-error.js';

export interface FormFaults {
  /** The faults by field of the form, as sentences. */
  fields: Readonly<Record<string, string>>;
  /** The error to show above the whole form; undefined when every error has its field. */
  rest: unknown;
}

/**
 * Shares out what a call threw among the fields that a form has. `fieldOf` says which field an error without any is
 * about, by its code: `{ USER_EXISTS: 'username' }`.
 */
export function formFaults(
  error: unknown,
  known: readonly string[],
  fieldOf: Readonly<Record<string, string>> = {},
): FormFaults {
  if (error === undefined || error === null) return { fields: {}, rest: undefined };
  const { message, hint, code, fields } = troubleOf(error);
  const own = code === undefined ? undefined : fieldOf[code];
  if (own !== undefined && Object.keys(fields).length === 0) {
    return { fields: { [own]: hint === undefined ? message : `${message} ${hint}` }, rest: undefined };
  }
  const placed = Object.entries(fields).filter(([field]) => known.includes(field));
  return {
    fields: Object.fromEntries(placed.map(([field, words]) => [field, sentence(words)])),
    rest: placed.length > 0 && placed.length === Object.keys(fields).length ? undefined : error,
  };
}

/** `is empty` → `Is empty.` */
function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.?…]$/.test(text) ? text : `${text}.`;
}
