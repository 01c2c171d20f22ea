import { Injectable } from '@nestjs/common';
import { SettingsStore } from '@app/config';
import type { ConnectionSettings, Settings } from '@app/config';
import { DomainError, TOOL_KEYS } from '@app/domain';
import type { DbType, FieldFault, SslMode, ToolKey } from '@app/domain';
import { DriverRegistry, namesOfLogin } from '@app/drivers';
import type { DetectedTool } from '@app/drivers';
import { ActiveConnection } from '../connection/active-connection.js';

/** Absent leaves a setting as it is; an empty text clears it. */
export interface ConfigChange {
  connection: {
    dbType?: DbType | '' | undefined;
    host?: string | undefined;
    port?: number | '' | undefined;
    database?: string | undefined;
    username?: string | undefined;
    password?: string | undefined;
    sslMode?: SslMode | '' | undefined;
  };
  tools: Partial<Record<ToolKey, string | undefined>>;
}

/** The parts that determine the server to which a password is sent. */
const PASSWORD_GOES_TO = ['host', 'port', 'username'] as const;

@Injectable()
export class ConfigService {
  constructor(
    private readonly settings: SettingsStore,
    private readonly drivers: DriverRegistry,
    private readonly active: ActiveConnection,
  ) {}

  read(): Promise<Settings> {
    return this.settings.load();
  }

  /** Saves a change. Throws TOOL_UNUSABLE, naming each tool that cannot be run, and then saves nothing. */
  async save(change: ConfigChange): Promise<{ activeConnectionDiffers: boolean }> {
    const tools = await this.verifiedTools(change.tools);
    const saved = await this.settings.update((settings) => {
      applyConnection(settings.connection, change.connection);
      this.checkNames(settings.connection);
      // Also one that cannot be opened now is forgotten with the host that it belonged to.
      if (settings.connection.password === undefined) settings.passwordFault = keepFault(settings, change);
      for (const key of TOOL_KEYS) {
        const path = tools[key];
        if (path === '') delete settings.tools[key];
        else if (path !== undefined) settings.tools[key] = path;
      }
    });
    return { activeConnectionDiffers: this.differsFromActive(saved.connection) };
  }

  /** Finds every usable program, by key; the paths that were set by hand come first. */
  async detectTools(): Promise<DetectedTool[]> {
    const { tools } = await this.settings.load();
    const found = await Promise.all(this.drivers.all().map((driver) => driver.tools.detect(tools)));
    return found.flat();
  }

  private checkNames({ dbType, database = '', username = '' }: ConnectionSettings): void {
    if (dbType !== undefined) this.drivers.get(dbType).checkNames(namesOfLogin({ database, username }));
  }

  private async verifiedTools(tools: ConfigChange['tools']): Promise<ConfigChange['tools']> {
    const verified: ConfigChange['tools'] = {};
    const faults: FieldFault[] = [];
    await Promise.all(
      TOOL_KEYS.map(async (key) => {
        const path = tools[key];
        if (path === undefined || path === '') {
          verified[key] = path;
          return;
        }
        try {
          verified[key] = (await this.catalogOf(key).verify(key, path)).path;
        } catch (error) {
          if (!(error instanceof DomainError)) throw error;
          faults.push({ field: key, message: error.message });
        }
      }),
    );
    if (faults.length === 0) return verified;
    throw new DomainError('TOOL_UNUSABLE', faults.map(({ message }) => message).join(' '), {
      hint: 'Give the absolute path of the program, or "" to let the service find it. Nothing was saved.',
      fields: faults,
    });
  }

  private catalogOf(key: ToolKey) {
    const driver = this.drivers.all().find((candidate) => candidate.tools.keys.includes(key));
    if (driver === undefined) throw new Error(`No driver uses ${key}.`);
    return driver.tools;
  }

  private differsFromActive(saved: ConnectionSettings): boolean {
    const params = this.active.connected?.params;
    if (params === undefined) return false;
    const keys = ['dbType', 'host', 'port', 'database', 'username', 'password', 'sslMode'] as const;
    return keys.some((key) => params[key] !== saved[key]);
  }
}

function applyConnection(connection: ConnectionSettings, change: ConfigChange['connection']): void {
  const before = { ...connection };
  for (const key of ['host', 'database', 'username', 'password'] as const) {
    if (change[key] !== undefined) connection[key] = change[key] === '' ? undefined : change[key];
  }
  if (change.port !== undefined) connection.port = change.port === '' ? undefined : change.port;
  if (change.dbType !== undefined) connection.dbType = change.dbType === '' ? undefined : change.dbType;
  if (change.sslMode !== undefined) connection.sslMode = change.sslMode === '' ? undefined : change.sslMode;
  const elsewhere = PASSWORD_GOES_TO.some((key) => before[key] !== connection[key]);
  if (elsewhere && change.password === undefined) connection.password = undefined;
}

function keepFault(settings: Settings, { connection }: ConfigChange): DomainError | undefined {
  const touched = connection.password !== undefined || PASSWORD_GOES_TO.some((key) => connection[key] !== undefined);
  return touched ? undefined : settings.passwordFault;
}
