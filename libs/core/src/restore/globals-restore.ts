import { createHash } from 'node:crypto';
import type { ManifestSigner } from '@app/artifact';
import { DomainError } from '@app/domain';
import type { ArtifactAddress, ConnectionParams, Manifest } from '@app/domain';
import type { DriverRegistry, RolesRestored } from '@app/drivers';
import type { StorageRegistry } from '@app/storage';
import type { BackupListing } from '../listing/backup-listing.js';

export interface GlobalsRestoreParts {
  drivers: DriverRegistry;
  storages: StorageRegistry;
  listing: BackupListing;
  signer: ManifestSigner;
}

export interface RolesRequest {
  backupId: string;
  connection: ConnectionParams;
  /** Default: the roles that the backup refers to. */
  roles?: readonly string[] | undefined;
  dryRun: boolean;
}

/** Restores the roles of a server that are stored beside a backup (FAILURES 20). */
export class GlobalsRestore {
  constructor(private readonly parts: GlobalsRestoreParts) {}

  /**
   * BACKUP_NOT_FOUND, NOT_A_BACKUP for a foreign file, WRONG_ENGINE, UNSUPPORTED where the backup has none,
   * BACKUP_DAMAGED where they are lost or altered; else as `ServerGlobals.restoreRoles`.
   */
  async run({ backupId, connection, roles, dryRun }: RolesRequest, signal?: AbortSignal): Promise<RolesRestored> {
    const { address, shown, manifest } = await this.find(backupId);
    if (manifest.db_type !== connection.dbType) {
      throw new DomainError(
        'WRONG_ENGINE',
        `The backup is of ${manifest.db_type}, the server is ${connection.dbType}.`,
      );
    }
    const { globals } = this.parts.drivers.get(connection.dbType);
    if (globals === undefined) throw new DomainError('UNSUPPORTED', `${connection.dbType} has no roles to restore.`);
    const script = await this.read(address, shown, manifest);
    const wanted = roles ?? manifest.roles?.map(({ name }) => name) ?? [];
    return globals.restoreRoles(connection, script, { roles: wanted, dryRun }, signal);
  }

  private async find(backupId: string): Promise<{ address: ArtifactAddress; shown: string; manifest: Manifest }> {
    const { storages, listing, signer } = this.parts;
    const { address, record } = await listing.find(backupId);
    const manifest = signer.ownManifest(await storages.of(address).readManifest(address.key), record.filename);
    if (manifest === undefined) {
      throw new DomainError('NOT_A_BACKUP', `${record.path} has no manifest of ours that says what stands beside it.`);
    }
    return { address, shown: record.path, manifest };
  }

  private async read(address: ArtifactAddress, shown: string, manifest: Manifest): Promise<string> {
    if (manifest.globals === undefined) {
      throw new DomainError('UNSUPPORTED', `No roles are stored beside ${shown}.`, {
        hint: 'Set BACKUP_GLOBALS to "roles" or "roles_with_passwords" for the next backups. The manifest names the roles that this one refers to.',
      });
    }
    const script = await this.parts.storages.of(address).readGlobals(address.key);
    const { sha256, file } = manifest.globals;
    if (script === undefined || createHash('sha256').update(script).digest('hex') !== sha256) {
      const what = script === undefined ? 'is not there any more' : 'is not as it was written';
      throw new DomainError('BACKUP_DAMAGED', `${file} ${what}. No role was made.`, {
        hint: 'Use another backup of the same server, or make the roles by hand: the manifest names them.',
      });
    }
    return script;
  }
}
