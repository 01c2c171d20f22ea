import { JobDefinition } from '@app/jobs';
import type { JobRequest, Nothing, TypedHandler } from '@app/jobs';
import type { CatalogCopies } from '../catalog-export/catalog-copies.js';

export const CATALOG_COPY_JOB = new JobDefinition<Nothing, Nothing>('catalog_copy');

export function catalogCopyJob(): JobRequest {
  return CATALOG_COPY_JOB.request({}, { urgency: 'background', abandonedByRestart: true });
}

export class CatalogCopyJob implements TypedHandler<Nothing, Nothing> {
  constructor(private readonly copies: CatalogCopies) {}

  async run(): Promise<Nothing> {
    await this.copies.copy();
    return {};
  }
}
