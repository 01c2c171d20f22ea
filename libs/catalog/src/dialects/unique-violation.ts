import { DomainError } from '@app/domain';

/** A row with the same key exists already. Repositories translate it into their own error. */
export class UniqueViolation extends DomainError {
  constructor(cause: unknown) {
    super('CATALOG_FAILED', 'The catalog has such an entry already.', { cause });
  }
}
