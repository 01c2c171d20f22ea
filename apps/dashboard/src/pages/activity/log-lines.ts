/** A line of a job's log: when, and what happened. */
export interface LogLine {
  /** ISO; undefined where a line does not begin with a time. */
  at: string | undefined;
  text: string;
}

const TIMED = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) ([^]*)$/;

export function logLineOf(line: string): LogLine {
  const [, at, text] = TIMED.exec(line) ?? [];
  return at === undefined || text === undefined ? { at: undefined, text: line } : { at, text };
}
