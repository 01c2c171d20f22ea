import { applyDecorators, HttpCode } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import type { ErrorCode } from '@app/domain';
import { DomainError } from '@app/domain';
import { JobAcceptedResponse } from '../jobs/job.dto.js';
import { STATUS_OF_KIND } from './error.filter.js';
import { ErrorResponse } from './error-response.dto.js';

/** The errors that any call may answer, whatever it does. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'INVALID_INPUT',
  'UNAUTHENTICATED',
  'FORBIDDEN_HOST',
  'TOO_MANY_REQUESTS',
  'INTERNAL',
];
/** Where no password is asked for, these are not answered. */
const OF_THE_PASSWORD: readonly ErrorCode[] = ['UNAUTHENTICATED', 'TOO_MANY_REQUESTS'];

/**
 * Describes a call: what it does, what it answers with 200 (POST too), and by which codes it can fail. `errors` are
 * examples by code; the statuses follow from the codes.
 */
export function ApiAnswer(options: {
  summary: string;
  description?: string;
  type: Type;
  errors?: Partial<Record<ErrorCode, string>>;
  /** Asks for no password, whatever is set. */
  open?: boolean;
  /** Answers 202 with the job to who sends `Prefer: respond-async`. */
  accepted?: boolean;
}): MethodDecorator {
  const { summary, description, type, errors = {}, open = false, accepted = false } = options;
  const byStatus = new Map<number, Record<string, { value: unknown }>>();
  const common = COMMON_ERRORS.filter((code) => !open || !OF_THE_PASSWORD.includes(code));
  for (const code of [...common, ...(Object.keys(errors) as ErrorCode[])]) {
    const status = STATUS_OF_KIND[new DomainError(code, '').kind];
    const examples = byStatus.get(status) ?? {};
    examples[code] = { value: { success: false, message: errors[code] ?? COMMON_TEXTS[code] ?? '', code } };
    byStatus.set(status, examples);
  }
  const content = (examples: Record<string, { value: unknown }>): object => ({
    content: { 'application/json': { schema: { $ref: getSchemaPath(ErrorResponse) }, examples } },
  });
  return applyDecorators(
    HttpCode(200),
    ApiExtraModels(ErrorResponse),
    ApiOperation({
      summary,
      ...(description === undefined ? {} : { description }),
      ...(open ? { security: [] } : {}),
    }),
    ApiOkResponse({ type }),
    ...(accepted ? [ApiAccepted()] : []),
    ...[...byStatus].map(([status, examples]) =>
      ApiResponse({ status, description: Object.keys(examples).join(', '), ...content(examples) }),
    ),
  );
}

function ApiAccepted(): MethodDecorator {
  const text = (description: string): object => ({ description, schema: { type: 'string' } });
  return applyDecorators(
    ApiHeader({
      name: 'Prefer',
      required: false,
      description: '`respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240).',
      schema: { type: 'string', example: 'respond-async' },
    }),
    ApiResponse({
      status: 202,
      description: 'The job waits or runs. For `Prefer: respond-async`.',
      type: JobAcceptedResponse,
      headers: { Location: text('Where the job is.'), 'Preference-Applied': text('`respond-async`') },
    }),
  );
}

const COMMON_TEXTS: Partial<Record<ErrorCode, string>> = {
  INVALID_INPUT: 'The request body is not valid JSON.',
  UNAUTHENTICATED: 'This service wants a password.',
  FORBIDDEN_HOST: 'The service is not known under the name "evil.example".',
  TOO_MANY_REQUESTS: 'Too many wrong passwords came from this address.',
  INTERNAL: 'The service failed unexpectedly.',
};
