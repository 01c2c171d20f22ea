import type { ArtifactAddress } from '@app/domain';
import type { BackupListing } from '../listing/backup-listing.js';

/** The address of a backup in the payload of a job. Jobs of a version that knew backups by their paths have the id alone. */
export interface AddressedPayload {
  backup_id: string;
  storage_id?: string;
  key?: string;
}

export function payloadOf({ storageId, key }: ArtifactAddress): Required<Omit<AddressedPayload, 'backup_id'>> {
  return { storage_id: storageId, key };
}

/** Throws BACKUP_NOT_FOUND when the job has the id alone and the backup is gone. */
export async function addressIn(
  { backup_id: id, storage_id: storageId, key }: AddressedPayload,
  listing: Pick<BackupListing, 'find'>,
): Promise<ArtifactAddress> {
  return storageId === undefined || key === undefined ? (await listing.find(id)).address : { storageId, key };
}
