import { Catch, HttpException, Inject } from '@nestjs/common';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { DomainError, firstFailure } from '@app/domain';
import type { ErrorCode, ErrorKind, Logger } from '@app/domain';
import { redactor } from '@app/security';
import { LOGGER } from '../foundation/tokens.js';
import type { ErrorResponse } from './error-response.dto.js';

/** The HTTP status of each domain error. Only this file knows both. */
export const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  invalid_input: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  too_large: 413,
  unprocessable: 422,
  too_many: 429,
  internal: 500,
  upstream: 502,
  unavailable: 503,
  no_space: 507,
};

const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHENTICATED',
  404: 'NOT_FOUND',
  413: 'BODY_TOO_LARGE',
  429: 'TOO_MANY_REQUESTS',
};

const redact = redactor();

/** Turns whatever was thrown into an answer that says what happened and what to do, and never shows a stack. */
@Catch()
export class ErrorFilter implements ExceptionFilter {
  constructor(@Inject(LOGGER) private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const response = http.getResponse<Response>();
    const { status, body } = this.answerTo(error, http.getRequest<Request>());
    if (response.headersSent) {
      response.destroy();
      return;
    }
    response.status(status).json(body);
  }

  private answerTo(failure: unknown, request: Request): { status: number; body: ErrorResponse } {
    const error = firstFailure(failure);
    if (error instanceof DomainError) return this.answerToDomain(error);
    if (error instanceof HttpException && error.getStatus() < 500) return answerToHttp(error, request);
    this.logger.error({ err: error }, 'unexpected error');
    const hint = 'This is a fault of the service. Its log has the details under the X-Request-Id of this answer.';
    return {
      status: 500,
      body: { success: false, message: 'The service failed unexpectedly.', code: 'INTERNAL', hint },
    };
  }

  private answerToDomain(error: DomainError): { status: number; body: ErrorResponse } {
    const status = STATUS_OF_KIND[error.kind];
    if (error.kind === 'internal') this.logger.error({ err: error.cause ?? error }, error.message);
    else if (status >= 500) this.logger.warn({ code: error.code }, redact(error.message));
    return {
      status,
      body: {
        success: false,
        message: redact(error.message),
        code: error.code,
        ...(error.hint === undefined ? {} : { hint: redact(error.hint) }),
        ...(error.fields === undefined
          ? {}
          : { errors: error.fields.map(({ field, message }) => ({ field, message })) }),
      },
    };
  }
}

/** Errors of the framework. Their own texts are not passed on: those of the JSON parser quote the body. */
function answerToHttp(error: HttpException, request: Request): { status: number; body: ErrorResponse } {
  const status = error.getStatus();
  const { message, hint } = wordsFor(status, error, request);
  return { status, body: { success: false, message, code: CODE_OF_STATUS[status] ?? 'INVALID_INPUT', hint } };
}

function wordsFor(status: number, error: HttpException, request: Request): { message: string; hint: string } {
  switch (status) {
    case 404:
      return {
        message: `There is no ${request.method} ${request.path.slice(0, 200)}.`,
        hint: 'All calls are described at /api/docs.',
      };
    case 413:
      return {
        message: 'The request body is larger than 1 MB.',
        hint: 'Requests name files; they never contain them.',
      };
    case 415:
      return {
        message: 'The request body must be JSON, in UTF-8 and not compressed.',
        hint: 'Send it with the header "Content-Type: application/json".',
      };
    case 416:
      return { message: error.message, hint: 'The header Content-Range tells how many bytes it has.' };
    default:
      return error.cause instanceof SyntaxError
        ? { message: 'The request body is not valid JSON.', hint: 'Check its quotes, commas and braces.' }
        : { message: 'The request is malformed.', hint: 'Check the encoding of its address and its headers.' };
  }
}
