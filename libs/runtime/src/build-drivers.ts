import { DriverRegistry, MysqlDriver, PostgresDriver } from '@app/drivers';
import type { Foundation } from './foundation.js';
import type { RuntimeOverrides } from './overrides.js';

/** The drivers of the database engines. A new engine is added here. */
export function buildDrivers({ config, folders }: Foundation, overrides: RuntimeOverrides): DriverRegistry {
  const options = { runtimeDir: config.runtimeDir, dataFolders: [config.dataDir, ...folders] };
  return new DriverRegistry(overrides.drivers?.(options) ?? [new PostgresDriver(options), new MysqlDriver(options)]);
}
