import { ApiProperty } from '@nestjs/swagger';
import { TextField, WholeNumberField } from './request-fields.js';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

/** The query of every call that lists by page. Subclasses add filters. */
export class PageQuery {
  @WholeNumberField({ min: 1, max: MAX_LIMIT, optional: true, description: `Default: ${DEFAULT_LIMIT}.` })
  limit?: number | undefined;

  @TextField({ maxLength: 1000, optional: true, description: 'The `next` of the previous page.' })
  after?: string | undefined;
}

/** The page as the catalog's repositories take it. */
export function pageOf({ limit, after }: PageQuery): { limit: number; after?: string } {
  return { limit: limit ?? DEFAULT_LIMIT, ...(after === undefined ? {} : { after }) };
}

/** The common part of the answers of all calls that list by page. */
export class PageResponse {
  @ApiProperty({ enum: [true] })
  success!: true;

  @ApiProperty({ type: String, nullable: true, description: 'The `after` of the next call; null on the last page.' })
  next!: string | null;
}
