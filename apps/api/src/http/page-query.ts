import { ApiProperty } from '@nestjs/swagger';
import { TextField, WholeNumberField } from './request-fields.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** What every call that lists by page takes. Filters are added in a subclass. */
export class PageQuery {
  @WholeNumberField({ min: 1, max: MAX_LIMIT, optional: true, description: `Default: ${DEFAULT_LIMIT}.` })
  limit?: number | undefined;

  @TextField({ maxLength: 1000, optional: true, description: 'The `next` of the page before.' })
  after?: string | undefined;
}

/** As the repositories of the catalog want it. */
export function pageOf({ limit, after }: PageQuery): { limit: number; after?: string } {
  return { limit: limit ?? DEFAULT_LIMIT, ...(after === undefined ? {} : { after }) };
}

/** What every call that lists by page answers besides the things themselves. */
export class PageResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: String, nullable: true, description: 'For `after` of the next call; null on the last page.' })
  next!: string | null;
}
