import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { JobRecord } from '@app/catalog';
import { JobEntry } from './job.dto.js';
import type { JobAcceptedResponse } from './job.dto.js';

const PREFERENCE = 'respond-async';

/**
 * Whether the caller wants to be told of the job at once instead of waiting for its end: `Prefer: respond-async`
 * (RFC 7240). Other preferences are ignored, as the standard allows.
 */
export const RespondAsync = createParamDecorator((_data: unknown, context: ExecutionContext): boolean =>
  prefersAsync(context.switchToHttp().getRequest<Request>().get('prefer')),
);

/** Answers a caller who does not wait: 202, and the address of the job. */
export function accepted(response: Response, job: JobRecord): JobAcceptedResponse {
  const path = `/api/jobs/${job.id}`;
  response.status(202).setHeader('Location', path).setHeader('Preference-Applied', PREFERENCE);
  const message = `The work has begun or waits for its turn: GET ${path} tells how far it is.`;
  return { success: true, message, job: JobEntry.of(job) };
}

/** Several headers `Prefer` come as one, joined by commas. Commas and semicolons also stand in quoted values. */
export function prefersAsync(header: string | undefined): boolean {
  const unquoted = (header ?? '').replace(/"(?:[^"\\]|\\.)*"/g, '""');
  return unquoted.split(',').some((preference) => {
    const [name = '', value = ''] = (preference.split(';')[0] ?? '').split('=');
    // The standard takes an empty value for none.
    return name.trim().toLowerCase() === PREFERENCE && ['', '""'].includes(value.trim());
  });
}
