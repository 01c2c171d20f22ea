import type { ManifestSigner } from '@app/artifact';
import type { DbDriver } from '@app/drivers';
import type { VerificationServersParts } from '@app/core';

/** Tests and benchmarks give these in place of what the service would make. */
export interface RuntimeOverrides {
  /** Default: those of PostgreSQL and MySQL. */
  readonly drivers?: ((options: DriverOptions) => readonly DbDriver[]) | undefined;
  /** Default: one with the key of SECRET_KEY_FILE. */
  readonly signer?: ManifestSigner | undefined;
  readonly verificationServers?: Partial<VerificationServersParts> | undefined;
}

/** The facts about the service that each driver needs. */
export interface DriverOptions {
  /** The folder for secret files of running tools. */
  readonly runtimeDir: string;
  /** Folders that a database server must not be told to read or write. */
  readonly dataFolders: readonly string[];
}
