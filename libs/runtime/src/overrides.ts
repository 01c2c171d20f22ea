import type { ManifestSigner } from '@app/artifact';
import type { DbDriver } from '@app/drivers';
import type { VerificationServersParts } from '@app/core';

/** What tests and benchmarks give in place of what the service would make. */
export interface RuntimeOverrides {
  /** Default: those of PostgreSQL and MySQL. */
  readonly drivers?: ((options: DriverOptions) => readonly DbDriver[]) | undefined;
  /** Default: one with the key of SECRET_KEY_FILE. */
  readonly signer?: ManifestSigner | undefined;
  readonly verificationServers?: Partial<VerificationServersParts> | undefined;
}

/** What each driver needs to know of the service. */
export interface DriverOptions {
  /** For secret files of running tools. */
  readonly runtimeDir: string;
  /** Folders that a database server must not be told to read or write. */
  readonly dataFolders: readonly string[];
}
