import { randomBytes, randomUUID } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { DomainError, keyIn, messageOf } from '@app/domain';
import type { ArtifactStorage } from '@app/storage';

export const CHECK_STEPS = ['reach', 'write', 'read', 'list', 'delete'] as const;
export type CheckStep = (typeof CHECK_STEPS)[number];

/** Where the object of a check goes: the root, as storages with folders have no other for sure. */
const FOLDER = '';
const BYTES = 4_096;

/**
 * Writes a small object into a storage, reads it back, lists it and deletes it. Throws the storage's error of the step that
 * failed, whose message names the step; then it has tried to delete the object. Returns the steps.
 */
export async function checkStorage(storage: ArtifactStorage): Promise<CheckStep[]> {
  const content = randomBytes(BYTES);
  const stem = `storage-check-${randomUUID()}`;
  const key = keyIn(FOLDER, `${stem}.bin`);
  let step = 'reach' as CheckStep;
  const begin = (next: CheckStep): void => {
    step = next;
    done.push(next);
  };
  const done: CheckStep[] = [];
  let isWritten = false;
  try {
    begin('reach');
    await storage.prepare();
    begin('write');
    const writer = await storage.create(FOLDER, stem, '.bin');
    isWritten = true;
    try {
      await writer.write(content);
      await writer.publish(JSON.stringify({ check: stem }));
    } catch (error) {
      await writer.discard().catch(() => undefined);
      isWritten = false;
      throw error;
    }
    begin('read');
    await using artifact = await storage.open(key);
    if (!(await buffer(artifact.stream())).equals(content)) throw otherBytes();
    begin('list');
    const found = (await storage.list(FOLDER)).find((file) => file.key === key);
    if (found?.size !== BYTES) throw notListed();
    begin('delete');
    await storage.remove(key);
    if ((await storage.stat(key)) !== undefined) throw notDeleted();
    return done;
  } catch (error) {
    if (isWritten && step !== 'delete') await storage.remove(key).catch(() => undefined);
    throw failed(step, error);
  }
}

const FAILED: Readonly<Record<CheckStep, string>> = {
  reach: 'The storage cannot be reached',
  write: 'The storage took no object',
  read: 'The storage did not give back an object that was just written',
  list: 'The storage did not list an object that was just written',
  delete: 'The storage did not delete an object',
};

function failed(step: CheckStep, error: unknown): DomainError {
  const { code = 'STORAGE_FAILED', hint, fields } = error instanceof DomainError ? error : ({} as Partial<DomainError>);
  return new DomainError(code, `${FAILED[step]}: ${messageOf(error)}`, {
    ...(hint === undefined ? {} : { hint }),
    ...(fields === undefined ? {} : { fields }),
    cause: error,
  });
}

function otherBytes(): DomainError {
  return new DomainError('STORAGE_FAILED', 'its bytes are not those that were written.');
}

function notListed(): DomainError {
  return new DomainError('STORAGE_FAILED', 'the list does not have it with its length.', {
    hint: 'Allow the account to list the objects.',
  });
}

function notDeleted(): DomainError {
  return new DomainError('STORAGE_FAILED', 'it is still there.', {
    hint: 'Allow the account to delete objects, or retention cannot remove expired backups.',
  });
}
