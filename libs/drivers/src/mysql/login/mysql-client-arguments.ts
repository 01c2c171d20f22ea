import { compareVersions } from '@app/domain';
import type { ConnectionParams, ServerInfo, ToolInfo } from '@app/domain';
import { tlsPolicy } from '../../tls/tls-policy.js';
import type { TlsPolicy } from '../../tls/tls-policy.js';

/** A row may be as large as the protocol lets it; both ends take the smaller of this and the server's own limit. */
const MAX_PACKET = '1G';

/** Error 2059 of the clients. */
export const LOGIN_PLUGIN_MISSING =
  "This client program cannot log in as the account demands; MySQL's of 9.0 and newer have no mysql_native_password. Install MariaDB's client tools, or change how the account logs in (ALTER USER … IDENTIFIED WITH …).";

type Tool = Pick<ToolInfo, 'flavour' | 'versionParts'>;

export interface ClientTls {
  /** Paths of the trusted authorities, the client's certificate and its key. */
  ca: string | undefined;
  certificate: string | undefined;
  key: string | undefined;
  /** SHA-256 of the only certificate that the server may show; MariaDB 11.4 and newer. */
  fingerprint: string | undefined;
}

/**
 * What a client reads as its only option file: the login, kept out of argv and environment (FAILURES 35), and the TLS
 * mode, always said, because the defaults differ by version (FAILURES 28).
 */
export function optionFile(connection: ConnectionParams, tool: Tool, files: ClientTls): string {
  const policy = tlsPolicy(connection);
  const lines = [
    '[client]',
    `user=${optionValue(connection.username)}`,
    `password=${optionValue(connection.password)}`,
    `host=${optionValue(connection.host)}`,
    `port=${connection.port}`,
    'protocol=tcp',
    ...(tool.flavour === 'MariaDB' ? mariadbTls(policy, files) : oracleTls(policy, tool)),
    ...(files.ca === undefined || files.fingerprint !== undefined ? [] : [`ssl-ca=${optionValue(files.ca)}`]),
    ...(files.certificate === undefined ? [] : [`ssl-cert=${optionValue(files.certificate)}`]),
    ...(files.key === undefined ? [] : [`ssl-key=${optionValue(files.key)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/**
 * Quoted as `my_load_defaults` of both families unquotes: within double quotes `#` is no comment and spaces stay;
 * backslash escapes. A line break would end the line, and a NUL the file.
 */
export function optionValue(value: string): string {
  const escapes: Readonly<Record<string, string>> = {
    '\\': '\\\\',
    '"': '\\"',
    "'": "\\'",
    '\n': '\\n',
    '\r': '\\r',
    '\t': '\\t',
    '\b': '\\b',
  };
  return `"${value.replace(/[\\"'\n\r\t\b]/g, (character) => escapes[character] ?? character)}"`;
}

/** MariaDB clients take TLS where the server has it, and demand it only together with verification or a fingerprint. */
function mariadbTls({ encrypt, verify }: TlsPolicy, { fingerprint }: ClientTls): string[] {
  if (encrypt === 'never') return ['skip-ssl', 'skip-ssl-verify-server-cert'];
  // A fingerprint is checked all the same, and in place of authority and name.
  if (fingerprint !== undefined) return ['ssl', 'skip-ssl-verify-server-cert', `ssl-fp=${fingerprint}`];
  return ['ssl', verify === 'nothing' ? 'skip-ssl-verify-server-cert' : 'ssl-verify-server-cert'];
}

function oracleTls({ encrypt, verify }: TlsPolicy, tool: Tool): string[] {
  const modes = { never: 'DISABLED', if_offered: 'PREFERRED', always: 'REQUIRED' } as const;
  const verified = { nothing: modes[encrypt], authority: 'VERIFY_CA', name: 'VERIFY_IDENTITY' } as const;
  const lines = [`ssl-mode=${verified[verify]}`];
  // Without TLS, caching_sha2_password encrypts the password with the server's key, which must be asked for.
  if (verify === 'nothing' && compareVersions(tool.versionParts, [5, 7, 23]) >= 0) {
    lines.push('get-server-public-key');
  }
  return lines;
}

export interface DumpArguments {
  tool: Tool;
  optionFile: string;
  database: string;
  /** Rows that system-versioned tables held in the past; MariaDB only. */
  dumpHistory: boolean;
}

/** Whether client and server can dump and load the history of system-versioned tables (FAILURES 19). */
export function canDumpHistory(tool: Tool, server: ServerInfo): boolean {
  return [tool, server].every(
    ({ flavour, versionParts }) => flavour === 'MariaDB' && compareVersions(versionParts, [10, 11]) >= 0,
  );
}

/**
 * One database, whole and from one snapshot, without a CREATE DATABASE or USE, so that it loads into any database. The
 * comments stay on: they carry the end marker.
 */
export function dumpArguments({ tool, optionFile, database, dumpHistory }: DumpArguments): string[] {
  return [
    // Must come first. Keeps ~/.my.cnf and /etc/my.cnf out: an option there could leave things out of the dump.
    `--defaults-file=${optionFile}`,
    '--single-transaction',
    '--quick',
    '--routines',
    '--events',
    '--triggers',
    '--hex-blob',
    '--tz-utc',
    '--no-tablespaces',
    // Under LOCK TABLES an INSERT into a table whose default draws from a sequence fails when the dump is loaded (1100).
    '--skip-add-locks',
    '--default-character-set=utf8mb4',
    `--max-allowed-packet=${MAX_PACKET}`,
    ...(dumpHistory ? ['--dump-history'] : []),
    ...(tool.flavour === 'MySQL' ? oracleDumpArguments(tool) : []),
    '--',
    database,
  ];
}

function oracleDumpArguments(tool: Tool): string[] {
  return [
    '--set-gtid-purged=OFF',
    // 8.0 asks every server for histograms, which only MySQL 8 has (FAILURES 25).
    ...(compareVersions(tool.versionParts, [8, 0]) >= 0 ? ['--column-statistics=0'] : []),
  ];
}

export interface LoadArguments {
  tool: Tool;
  optionFile: string;
  database: string;
  /** A statement that the client runs before the dump. */
  first?: string;
}

/**
 * Batch from stdin, ending at the first error. `--binary-mode` turns off every client command but DELIMITER and \C, so
 * that a dump cannot run programs or read files here (FAILURES 34); what newer clients offer as well is added.
 * `--comments`, because by default the client strips the comments out of routine bodies.
 */
export function loadArguments({ tool, optionFile, database, first }: LoadArguments): string[] {
  return [
    `--defaults-file=${optionFile}`,
    '--batch',
    // Its output tells how far it is.
    '--unbuffered',
    '--skip-column-names',
    '--binary-mode',
    '--comments',
    '--local-infile=0',
    '--skip-reconnect',
    '--skip-auto-rehash',
    '--default-character-set=utf8mb4',
    `--max-allowed-packet=${MAX_PACKET}`,
    // `loose`: not known to every minor version; the guard over foreign dumps does not rely on them.
    ...(tool.flavour === 'MariaDB'
      ? ['--loose-sandbox', '--loose-skip-print-query-on-error', '--loose-skip-progress-reports']
      : ['--loose-commands=OFF', '--loose-system-command=OFF']),
    ...(first === undefined ? [] : [`--init-command=${first}`]),
    `--database=${database}`,
  ];
}
