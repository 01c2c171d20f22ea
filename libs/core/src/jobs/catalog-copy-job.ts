import type { JobHandler, JobRequest } from '@app/jobs';
import type { JsonObject } from '@app/domain';
import type { CatalogCopies } from '../catalog-export/catalog-copies.js';

export function catalogCopyJob(): JobRequest {
  return { type: 'catalog_copy', payload: {}, urgency: 'background', abandonedByRestart: true };
}

export class CatalogCopyJob implements JobHandler {
  constructor(private readonly copies: CatalogCopies) {}

  async run(): Promise<JsonObject> {
    await this.copies.copy();
    return {};
  }
}
