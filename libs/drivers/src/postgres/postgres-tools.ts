import { readdir, stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import { compareVersions, DomainError } from '@app/domain';
import type { ServerInfo, ToolInfo, ToolKey, ToolPaths } from '@app/domain';
import { assertTrustedProgram, ProcessFailure, runProcess } from '@app/process';
import { findTools } from '../tools/tool-search.js';
import type { FoundTool } from '../tools/tool-search.js';
import type { DetectedTool, ToolCatalog } from '../db-driver.js';

type PostgresToolKey = 'pg_dump_path' | 'pg_restore_path';

const TOOL_NAMES: Readonly<Record<PostgresToolKey, string>> = {
  pg_dump_path: 'pg_dump',
  pg_restore_path: 'pg_restore',
};

/** Where packages put several versions; `*` is one path element. */
const USUAL_PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/usr/lib64/pgsql/bin', '/usr/local/pgsql/bin'],
  darwin: [
    '/opt/homebrew/opt/postgresql@*/bin',
    '/opt/homebrew/opt/libpq/bin',
    '/usr/local/opt/postgresql@*/bin',
    '/usr/local/opt/libpq/bin',
    '/Applications/Postgres.app/Contents/Versions/*/bin',
    '/Library/PostgreSQL/*/bin',
  ],
  win32: ['C:/Program Files/PostgreSQL/*/bin'],
};

const VERSION_TIMEOUT_MS = 10_000;
/** A link or wrapper can lead elsewhere without changing itself, so that what was found is not believed for ever. */
const CACHE_MS = 60_000;

interface Cached {
  tool: ToolInfo;
  mtimeMs: number;
  until: number;
}

/** Finds `pg_dump` and `pg_restore`: in PATH and the usual places, every installed version. */
export class PostgresTools implements ToolCatalog {
  readonly keys: readonly ToolKey[] = ['pg_dump_path', 'pg_restore_path'];
  private readonly cache = new Map<string, Cached>();

  /**
   * `places` are searched in addition to PATH; default: where this kind of machine has them. No tool may lie in `dataFolders`:
   * what is there came over the network.
   */
  constructor(
    private readonly dataFolders: readonly string[] = [],
    private readonly places: readonly string[] = USUAL_PLACES[process.platform] ?? [],
  ) {}

  async detect(custom: ToolPaths): Promise<DetectedTool[]> {
    return Promise.all(
      (['pg_dump_path', 'pg_restore_path'] as const).map(async (key) => {
        const path = custom[key];
        const chosen = path ? await this.verify(key, path).catch(() => undefined) : undefined;
        const found = await this.installed(key);
        const all = chosen === undefined ? found : [chosen, ...found.filter((tool) => tool.path !== chosen.path)];
        return { key, best: all[0], all };
      }),
    );
  }

  async verify(key: ToolKey, path: string): Promise<ToolInfo> {
    const program = programOf(key);
    if (!isAbsolute(path)) {
      throw new DomainError('TOOL_UNUSABLE', `"${path}" is not an absolute path.`, {
        hint: `Give the whole path of ${program}, or leave it empty to have it found.`,
      });
    }
    assertTrustedProgram(path, this.dataFolders);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: 0 }));
    const cacheKey = `${key} ${path}`;
    const cached = this.cache.get(cacheKey);
    if (cached !== undefined && cached.mtimeMs === mtimeMs && cached.until > Date.now()) return cached.tool;
    const tool = { path, flavour: 'PostgreSQL' as const, ...(await askVersion(program, path)) };
    this.cache.set(cacheKey, { tool, mtimeMs, until: Date.now() + CACHE_MS });
    return tool;
  }

  /**
   * The oldest `pg_dump` that is not older than the server: its output suits that server best (FAILURES 24). A custom
   * path is used alone. Fails with TOOL_MISSING, TOOL_TOO_OLD, TOOL_UNUSABLE.
   */
  async forDump(server: ServerInfo, custom: ToolPaths): Promise<ToolInfo> {
    const candidates = await this.candidates('pg_dump_path', custom);
    const needed = majorOf(server.versionParts);
    const enough = candidates.filter((tool) => compareVersions(majorOf(tool.versionParts), needed) >= 0);
    const [first, ...others] = enough;
    if (first === undefined) {
      throw tooOld(
        `the server is PostgreSQL ${server.version}`,
        needed.join('.'),
        candidates,
        Boolean(custom.pg_dump_path),
      );
    }
    return others.reduce((best, tool) => {
      const majors = compareVersions(majorOf(tool.versionParts), majorOf(best.versionParts));
      return majors < 0 || (majors === 0 && compareVersions(tool.versionParts, best.versionParts) > 0) ? tool : best;
    }, first);
  }

  /** The newest `pg_restore`, because each reads the archives of all older ones. */
  async forRestore(custom: ToolPaths): Promise<ToolInfo> {
    const [newest] = await this.candidates('pg_restore_path', custom);
    if (newest === undefined) throw new Error('candidates() gives at least one');
    return newest;
  }

  private async candidates(key: PostgresToolKey, custom: ToolPaths): Promise<ToolInfo[]> {
    const path = custom[key];
    if (path) return [await this.verify(key, path)];
    const found = await this.installed(key);
    if (found.length > 0) return found;
    throw new DomainError('TOOL_MISSING', `${TOOL_NAMES[key]} was not found in PATH or in the usual places.`, {
      hint: `Install the PostgreSQL client tools ("apt-get install postgresql-client" on Debian), or set ${key}.`,
    });
  }

  /** Every usable one, newest first; of the same version real programs before Debian's wrapper. */
  private async installed(key: PostgresToolKey): Promise<ToolInfo[]> {
    const name = process.platform === 'win32' ? `${TOOL_NAMES[key]}.exe` : TOOL_NAMES[key];
    const directories = (await Promise.all(this.places.map(expandPlace))).flat();
    const programs = await findTools([name], directories);
    const isWrapper = (program: FoundTool): boolean => program.realPath.endsWith('pg_wrapper');
    const direct = programs.filter((program) => !isWrapper(program));
    const tools: ToolInfo[] = [];
    for (const { path } of [...direct, ...programs.filter(isWrapper)]) {
      const tool = await this.verify(key, path).catch(() => undefined);
      if (tool !== undefined) tools.push(tool);
    }
    return tools.sort((a, b) => compareVersions(b.versionParts, a.versionParts));
  }
}

function programOf(key: ToolKey): string {
  if (key === 'pg_dump_path' || key === 'pg_restore_path') return TOOL_NAMES[key];
  throw new Error(`${key} is not a tool of PostgreSQL.`);
}

/** `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `pg_restore (PostgreSQL) 19beta1`. */
export function parseToolVersion(
  program: string,
  output: string,
): { version: string; versionParts: number[] } | undefined {
  const match = /^(\w+) \((?:PostgreSQL|EnterpriseDB)\) ((\d+)(?:\.(\d+))?(?:\.(\d+))?\w*)/.exec(output.trim());
  if (match === null || match[1] !== program) return undefined;
  const parts = [match[3], match[4], match[5]].filter((part) => part !== undefined).map(Number);
  return { version: match[2] ?? '', versionParts: parts };
}

async function askVersion(program: string, path: string): Promise<{ version: string; versionParts: number[] }> {
  const unusable = (why: string, cause?: unknown): DomainError =>
    new DomainError('TOOL_UNUSABLE', `"${path}" ${why}.`, { hint: `Give the path of a working ${program}.`, cause });
  let output: string;
  try {
    output = (await runProcess({ command: path, args: ['--version'], timeoutMs: VERSION_TIMEOUT_MS })).stdout;
  } catch (error) {
    if (!(error instanceof ProcessFailure)) throw error;
    if (error.reason === 'not_started') throw unusable('cannot be run', error);
    if (error.reason === 'aborted') throw unusable('does not answer to --version', error);
    throw unusable(`fails when asked for its version${error.lastWords === '' ? '' : `: ${error.lastWords}`}`, error);
  }
  const version = parseToolVersion(program, output);
  if (version === undefined) throw unusable(`is not ${program}`);
  return version;
}

/** 15.18 → [15]; 9.6.24 → [9, 6]: before 10 the first two numbers made a major version. */
function majorOf(parts: readonly number[]): readonly number[] {
  return parts.slice(0, (parts[0] ?? 0) >= 10 ? 1 : 2);
}

function tooOld(why: string, needed: string, found: readonly ToolInfo[], custom: boolean): DomainError {
  const versions = found.map((tool) => tool.version).join(', ');
  return new DomainError(
    'TOOL_TOO_OLD',
    `pg_dump ${needed} or newer is needed, as ${why}; ${custom ? 'the configured pg_dump is' : 'found:'} ${versions}.`,
    {
      hint: custom
        ? 'Set pg_dump_path to a newer one, or leave it empty to have one found.'
        : `Install it ("apt-get install postgresql-client-${needed}" on Debian, from apt.postgresql.org if need be), or set pg_dump_path.`,
    },
  );
}

async function expandPlace(pattern: string): Promise<string[]> {
  const [before, after] = pattern.split('*');
  if (before === undefined || after === undefined) return [pattern];
  const slash = before.lastIndexOf('/') + 1;
  const names = await readdir(before.slice(0, slash)).catch(() => []);
  const prefix = before.slice(slash);
  return names.filter((name) => name.startsWith(prefix)).map((name) => `${before.slice(0, slash)}${name}${after}`);
}
