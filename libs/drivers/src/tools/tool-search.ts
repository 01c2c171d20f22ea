import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

export interface FoundTool {
  /** The path as it was found, in a folder of PATH or of `directories`: a person would recognise it. */
  path: string;
  /** The path with its links followed: the same tool under two names has one. */
  realPath: string;
}

/**
 * Every executable file of one of these names in PATH and then in `directories`, in that order, each tool once
 * however many links lead to it. Runs nothing.
 */
export async function findTools(names: readonly string[], directories: readonly string[]): Promise<FoundTool[]> {
  const searched = new Set([...(process.env['PATH'] ?? '').split(delimiter), ...directories]);
  const candidates = [...searched]
    .filter(isAbsolute)
    .flatMap((directory) => names.map((name) => join(directory, name)));
  const found = new Map<string, FoundTool>();
  for (const path of candidates) {
    const realPath = await executable(path);
    if (realPath !== undefined && !found.has(realPath)) found.set(realPath, { path, realPath });
  }
  return [...found.values()];
}

async function executable(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? await realpath(path) : undefined;
  } catch {
    return undefined;
  }
}
