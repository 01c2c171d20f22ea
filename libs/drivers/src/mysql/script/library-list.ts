import { requalified } from './sql-lexer.js';
import { QUOTED_NAME } from './lexer/lexical-rules.js';

const LIBRARY = `(${QUOTED_NAME})\\.(${QUOTED_NAME})(?: AS ${QUOTED_NAME})?`;
const LIBRARIES = new RegExp(`^    USING \\((${LIBRARY}(?:, ${LIBRARY})*)\\)(\\r?)$`, 'm');

/** The beginning of the line in which a server writes the libraries that a routine uses (MySQL 9.2 and newer). */
export const LIBRARIES_LINE = Buffer.from('    USING (');

/** Names as they are written there, in backticks. */
export interface UsedLibrary {
  schema: string;
  name: string;
}

/** A routine whose libraries are those of `to`, where they were of `from`: the server always writes their schema. */
export function withLibrariesOf(statement: string, from: string | ((name: string) => boolean), to: string): string {
  return statement.replace(LIBRARIES, (line) => requalified(line, from, to));
}

/** A routine without the libraries for which `keeps` is false. */
export function withLibraries(statement: string, keeps: (library: UsedLibrary) => boolean): string {
  return statement.replace(LIBRARIES, (...[, list, , , , , end]: string[]) => {
    const kept = [...(list ?? '').matchAll(new RegExp(LIBRARY, 'g'))].filter(([, schema = '', name = '']) =>
      keeps({ schema, name }),
    );
    return kept.length === 0 ? (end ?? '') : `    USING (${kept.map(([library]) => library).join(', ')})${end ?? ''}`;
  });
}
