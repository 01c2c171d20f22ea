import { DomainError } from '@app/domain';

/** There is a row with the same key already. Repositories make of it what it means for them. */
export class UniqueViolation extends DomainError {
  constructor(cause: unknown) {
    super('CATALOG_FAILED', 'The catalog has such an entry already.', { cause });
  }
}
