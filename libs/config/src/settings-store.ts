import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { DB_TYPES, DomainError, errorCodeOf, makeFolder, SSL_MODES, TOOL_KEYS, SerialExecutor } from '@app/domain';
import type { DbType, SslMode, ToolPaths } from '@app/domain';
import { SecretBox } from '@app/security';
import { IniDocument, IniFault } from './ini-document.js';

/** The last connection. Each part is undefined until it was given once. */
export interface ConnectionSettings {
  dbType: DbType | undefined;
  host: string | undefined;
  port: number | undefined;
  database: string | undefined;
  username: string | undefined;
  /** Plain text, which must never be logged or printed. */
  password: string | undefined;
  sslMode: SslMode | undefined;
  /** Whether the service connects with these when it starts. */
  connected: boolean;
}

export interface Settings {
  connection: ConnectionSettings;
  /** Only the paths that were set. */
  tools: ToolPaths;
  scheduler: { running: boolean };
  /** Why `connection.password` is undefined although one is stored: it was sealed with another key. */
  passwordFault: DomainError | undefined;
}

const PASSWORD_PURPOSE = 'config.ini [connection] password';

const HEADER = `; Settings of the database backup service, kept by the service itself.
; You may edit them while it is stopped: what you add stays. A password may be
; written in plain text; it is sealed with the secret key at the next save.
`;

/**
 * Reads and writes `config.ini`. Each change reads the file again, so that a person's edits survive, and replaces it as a whole. A
 * file that cannot be understood is kept as it is, and reported as STORAGE_FAILED with its name and the line.
 */
export class SettingsStore {
  private readonly changes = new SerialExecutor();

  constructor(
    private readonly path: string,
    private readonly secrets: SecretBox,
  ) {}

  /** Returns the present settings; the defaults when there is no file yet. */
  async load(): Promise<Settings> {
    return this.interpret(await this.read());
  }

  /** Changes and saves. Calls run one after the other; the file is untouched when `change` throws. */
  update(change: (settings: Settings) => void): Promise<Settings> {
    return this.changes.run(async () => {
      const document = await this.read();
      const settings = this.interpret(document);
      change(settings);
      await this.write(this.apply(document, settings).toString());
      return settings;
    });
  }

  private async read(): Promise<IniDocument> {
    let bytes: Buffer;
    try {
      bytes = await readFile(this.path);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return IniDocument.parse(HEADER);
      throw this.fault(`cannot be read (${errorCodeOf(error) ?? 'unknown fault'})`, error);
    }
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      return IniDocument.parse(text.trim() === '' ? HEADER : text);
    } catch (error) {
      throw this.fault(`is damaged: ${error instanceof IniFault ? error.message : 'it is not UTF-8 text'}`, error);
    }
  }

  private interpret(document: IniDocument): Settings {
    const text = (key: string): string | undefined => document.get('connection', key);
    const oneOf = <T extends string>(key: string, values: readonly T[]): T | undefined => {
      const value = text(key);
      if (value === undefined || value === '') return undefined;
      const known = values.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      if (known === undefined) throw this.fault(`is damaged: ${key} must be one of ${values.join(', ')}`);
      return known;
    };
    const port = text('port') ?? '';
    if (!/^\d*$/.test(port) || Number(port) > 65535) throw this.fault('is damaged: port must be a number');
    const stored = text('password');
    let password = stored;
    let passwordFault: DomainError | undefined;
    try {
      if (stored !== undefined && SecretBox.isSealed(stored)) password = this.secrets.open(stored, PASSWORD_PURPOSE);
    } catch (error) {
      password = undefined;
      passwordFault = error as DomainError;
    }
    const tools: Settings['tools'] = {};
    for (const key of TOOL_KEYS) {
      const path = document.get('tools', key);
      if (path !== undefined && path !== '') tools[key] = path;
    }
    return {
      connection: {
        dbType: oneOf('db_type', DB_TYPES),
        host: text('host'),
        port: port === '' ? undefined : Number(port),
        database: text('database'),
        username: text('username'),
        password,
        sslMode: oneOf('ssl_mode', SSL_MODES),
        connected: isYes(text('connected')),
      },
      tools,
      scheduler: { running: isYes(document.get('scheduler', 'running')) },
      passwordFault,
    };
  }

  private apply(document: IniDocument, settings: Settings): IniDocument {
    const { connection, tools, scheduler } = settings;
    let result = document;
    const set = (section: string, key: string, value: string | undefined): void => {
      result = result.with(section, key, value);
    };
    set('connection', 'db_type', connection.dbType);
    set('connection', 'host', connection.host);
    set('connection', 'port', connection.port?.toString());
    set('connection', 'database', connection.database);
    set('connection', 'username', connection.username);
    set('connection', 'password', this.sealed(document, settings));
    set('connection', 'ssl_mode', connection.sslMode);
    set('connection', 'connected', connection.connected ? 'yes' : 'no');
    for (const key of TOOL_KEYS) set('tools', key, tools[key]);
    set('scheduler', 'running', scheduler.running ? 'yes' : 'no');
    return result;
  }

  private sealed(document: IniDocument, settings: Settings): string | undefined {
    const stored = document.get('connection', 'password');
    const { password } = settings.connection;
    // The sealed text is kept, so that it opens again once the right key is back.
    if (password === undefined) return settings.passwordFault === undefined ? undefined : stored;
    const unchanged =
      stored !== undefined && SecretBox.isSealed(stored) && password === this.interpret(document).connection.password;
    return unchanged ? stored : this.secrets.seal(password, PASSWORD_PURPOSE);
  }

  private async write(text: string): Promise<void> {
    let temporary: string | undefined;
    try {
      await makeFolder(dirname(this.path));
      // A link stays a link, and its target is replaced.
      const target = await realpath(this.path).catch(() => this.path);
      temporary = `${target}.${randomUUID()}.partial`;
      const handle = await open(temporary, 'wx', 0o600);
      try {
        await handle.writeFile(text);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, target);
    } catch (error) {
      const code = errorCodeOf(error) ?? 'unknown fault';
      if (temporary !== undefined) await rm(temporary, { force: true }).catch(() => undefined);
      throw new DomainError(
        code === 'ENOSPC' ? 'NO_SPACE' : 'STORAGE_FAILED',
        `The settings were not saved (${code}).`,
        {
          hint:
            code === 'EBUSY'
              ? 'CONFIG_FILE is mounted as a single file, which cannot be replaced: mount the folder that it is in.'
              : 'Check that the service may write in the folder of CONFIG_FILE.',
          cause: error,
        },
      );
    }
  }

  private fault(what: string, cause?: unknown): DomainError {
    return new DomainError('STORAGE_FAILED', `The settings file ${basename(this.path)} ${what}.`, {
      hint: 'It was left as it is. Correct it, or move it away to begin with empty settings.',
      cause,
    });
  }
}

function isYes(text: string | undefined): boolean {
  return text !== undefined && /^(yes|true|on|1)$/i.test(text);
}
