import { basename, isAbsolute } from 'node:path';
import { DomainError, compareVersions } from '@app/domain';
import type { ServerInfo, ToolInfo, ToolKey, ToolPaths } from '@app/domain';
import { assertTrustedProgram, ProcessFailure, runProcess } from '@app/process';
import type { DetectedTool, ToolCatalog } from '../db-driver.js';
import { findTools } from '../tools/tool-search.js';

export type MysqlToolKey = Extract<ToolKey, 'mysqldump_path' | 'mysql_path'>;

/** Names of the tools. Systems with several versions tell them apart by a suffix (`mysqldump-8.0`). */
const TOOLS: Readonly<Record<MysqlToolKey, { names: readonly string[]; pattern: RegExp }>> = {
  mysqldump_path: { names: ['mariadb-dump', 'mysqldump'], pattern: /^(mariadb-dump|mysqldump)[-_.\d]*(\.exe)?$/i },
  mysql_path: { names: ['mariadb', 'mysql'], pattern: /^(mariadb|mysql)[-_.\d]*(\.exe)?$/i },
};

const DIRECTORIES = [
  '/usr/bin',
  '/usr/local/bin',
  '/usr/local/mysql/bin',
  '/usr/local/mariadb/bin',
  '/opt/mysql/bin',
  '/opt/mariadb/bin',
  '/opt/local/bin',
  '/opt/homebrew/bin',
  ...['mysql-client', 'mysql-client@8.0', 'mysql-client@8.4', 'mysql', 'mariadb'].flatMap((formula) => [
    `/opt/homebrew/opt/${formula}/bin`,
    `/usr/local/opt/${formula}/bin`,
  ]),
];

const VERSION_TIMEOUT_MS = 10_000;

/** Finds the client tools of both families, Oracle's and MariaDB's, wherever they are installed. */
export class MysqlTools implements ToolCatalog {
  readonly keys = ['mysqldump_path', 'mysql_path'] as const;

  /** No tool may lie in `dataFolders`: what is there came over the network. */
  constructor(private readonly dataFolders: readonly string[] = []) {}

  async detect(custom: ToolPaths): Promise<DetectedTool[]> {
    return Promise.all(
      this.keys.map(async (key) => {
        const all = await this.installed(key);
        const path = custom[key];
        if (path === undefined || path === '') return { key, best: newest(all), all };
        const best = await this.verify(key, path).catch(() => undefined);
        return { key, best, all: best === undefined || all.some((tool) => tool.path === path) ? all : [best, ...all] };
      }),
    );
  }

  async verify(key: ToolKey, path: string): Promise<ToolInfo> {
    const unusable = (fault: string, cause?: unknown): DomainError =>
      new DomainError('TOOL_UNUSABLE', `${path} cannot be used as ${key}: ${fault}.`, {
        hint: `Give the path of ${toolNames(key as MysqlToolKey)}, or leave it empty to have it found.`,
        cause,
      });
    if (!isAbsolute(path)) throw unusable('it is not an absolute path');
    assertTrustedProgram(path, this.dataFolders);
    let output: string;
    try {
      output = (await runProcess({ command: path, args: ['--version'], timeoutMs: VERSION_TIMEOUT_MS })).stdout;
    } catch (error) {
      const notStarted = error instanceof ProcessFailure && error.reason === 'not_started';
      throw unusable(notStarted ? 'it cannot be started' : 'it fails when asked for its version', error);
    }
    const tool = parseToolVersion(output);
    if (tool === undefined || !TOOLS[key as MysqlToolKey].pattern.test(tool.name)) {
      throw unusable('it is another program');
    }
    return { path, flavour: tool.flavour, version: tool.version, versionParts: tool.versionParts };
  }

  /** The tool to use with this server: the custom one alone where it is set, else the best that is installed. */
  async choose(key: MysqlToolKey, custom: ToolPaths, server: ServerInfo): Promise<ToolInfo> {
    const path = custom[key];
    if (path !== undefined && path !== '') return this.verify(key, path);
    const tool = bestFor(server, await this.installed(key));
    if (tool !== undefined) return tool;
    throw new DomainError('TOOL_MISSING', `No ${toolNames(key)} was found on this machine.`, {
      hint: `Install the ${server.flavour} client tools (Debian: ${server.flavour === 'MariaDB' ? 'mariadb-client' : 'mysql-client'}), or set ${key}.`,
    });
  }

  private async installed(key: MysqlToolKey): Promise<ToolInfo[]> {
    const { names, pattern } = TOOLS[key];
    const found = await findTools(names, DIRECTORIES);
    // A wrapper or another tool behind a familiar name is no candidate.
    const usable = found.filter(({ path }) => pattern.test(basename(path)));
    const tools = await Promise.all(usable.map(({ path }) => this.verify(key, path).catch(() => undefined)));
    return tools.filter((tool) => tool !== undefined);
  }
}

export function toolNames(key: MysqlToolKey): string {
  return TOOLS[key].names.toReversed().join(' or ');
}

/** Same family first; there one that is as new as the server, else the newest. */
export function bestFor(server: ServerInfo, tools: readonly ToolInfo[]): ToolInfo | undefined {
  const family = tools.filter((tool) => tool.flavour === server.flavour);
  return newest(family) ?? newest(tools);
}

function newest(tools: readonly ToolInfo[]): ToolInfo | undefined {
  // The first of equals: PATH decides.
  return tools.reduce<ToolInfo | undefined>(
    (best, tool) => (best !== undefined && compareVersions(tool.versionParts, best.versionParts) <= 0 ? best : tool),
    undefined,
  );
}

export interface ToolVersion extends Pick<ToolInfo, 'version' | 'versionParts'> {
  name: string;
  flavour: 'MariaDB' | 'MySQL';
}

/**
 * Reads the version that a tool prints. `Ver` is the tool's own number up to MySQL 5.7 and in MariaDB, where
 * `Distrib` or `from` tells the version; from MySQL 8.0 on it is the version.
 */
export function parseToolVersion(output: string): ToolVersion | undefined {
  const line = output.split('\n').find((text) => /\b(Ver|from) \d/.test(text));
  if (line === undefined) return undefined;
  const name = basename((/^\S+/.exec(line)?.[0] ?? '').replaceAll('\\', '/'));
  const version = (/\b(?:Distrib|from) (\d+(?:\.\d+)+)/.exec(line) ?? /\bVer (\d+(?:\.\d+)+)/.exec(line))?.[1];
  if (version === undefined) return undefined;
  const flavour = /mariadb/i.test(line.slice(name.length)) ? 'MariaDB' : 'MySQL';
  return { name, flavour, version, versionParts: version.split('.').map(Number) };
}
