import type { DbType } from '@app/domain';
import type { DbDriver } from './db-driver.js';

/** Finds the driver of an engine. Two drivers for one engine are a mistake of the wiring, found at start. */
export class DriverRegistry {
  private readonly drivers = new Map<DbType, DbDriver>();

  constructor(drivers: readonly DbDriver[]) {
    for (const driver of drivers) {
      if (this.drivers.has(driver.dbType)) throw new Error(`Two drivers are registered for ${driver.dbType}.`);
      this.drivers.set(driver.dbType, driver);
    }
  }

  get(dbType: DbType): DbDriver {
    const driver = this.drivers.get(dbType);
    if (driver === undefined) throw new Error(`No driver is registered for ${dbType}.`);
    return driver;
  }

  all(): DbDriver[] {
    return [...this.drivers.values()];
  }
}
