import {
  BackupRunner,
  BackupVerification,
  GlobalsRestore,
  RestoredVerification,
  RestoreRecovery,
  RestoreRunner,
  RestoreUndo,
  RetentionService,
  UndoFacts,
  VerificationServers,
} from '@app/core';
import type { Inventory } from './build-inventory.js';
import type { Foundation } from './foundation.js';
import type { RuntimeOverrides } from './overrides.js';

const HOUR_MS = 3_600_000;

/** How backups are made, verified, kept, restored and taken back. */
export function buildOperations(
  { config, clock, logger, lock, signer, settings, catalog, storages, locations }: Foundation,
  { connections, drivers, reader, writer, index, listing, removal }: Inventory,
  overrides: RuntimeOverrides,
) {
  const { backup, verify, restore, schedule, runtimeDir } = config;
  const undoMs = restore.undoHours * HOUR_MS;
  const tools = async () => (await settings.load()).tools;
  const verificationServers = new VerificationServers({
    ...{ drivers, clock, logger, tools, runs: lock },
    folder: verify.folder,
    named: verify.servers,
    enginesFolder: verify.enginesFolder,
    ...overrides.verificationServers,
  });
  const restored = new RestoredVerification({ drivers, verificationServers, tools });
  const verification = new BackupVerification({
    ...{ storages, reader, signer, index, restored, clock, logger },
    compare: verify.compare,
  });
  const retention = new RetentionService({
    ...{ catalog, storages, signer, index, clock, logger },
    defaultPolicy: { keepLast: backup.retentionCount },
    timezone: schedule.timezone,
  });
  const backups = new BackupRunner({
    ...{ drivers, storages, writer, signer, locations, catalog, index, verification, retention, clock, logger },
    defaults: { ...backup, compare: verify.compare },
  });
  const restores = new RestoreRunner({
    ...{
      runtimeDir,
      catalog,
      drivers,
      storages,
      reader,
      signer,
      locations,
      backups,
      removal,
      verification,
      clock,
      logger,
    },
    ...{ undoMs, maxRatio: restore.maxRatio, compare: verify.compare },
  });
  const globals = new GlobalsRestore({ drivers, storages, listing, signer });
  const { inPlace } = restores;
  const recovery = new RestoreRecovery({ catalog, connections, drivers, inPlace, tools, logger });
  const undo = new RestoreUndo({
    ...{ catalog, connections, drivers, logger },
    facts: new UndoFacts({ catalog, connections, drivers, locations, storages, index, logger }),
  });
  return { tools, undoMs, verification, retention, backups, restores, globals, recovery, undo };
}

export type Operations = ReturnType<typeof buildOperations>;
