import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { NextFunction, Request, Response } from 'express';
import { DomainError } from '@app/domain';

/** The content types that the body parser reads as JSON. */
export const JSON_TYPES = ['application/json', 'application/*+json'];

/**
 * Refuses bodies of another type before they are read. A form of a foreign page can post text, but not JSON, without
 * asking first.
 */
export function jsonOnly(req: Request, _res: Response, next: NextFunction): void {
  const length = req.get('content-length');
  const hasBody = req.get('transfer-encoding') !== undefined || (length !== undefined && length !== '0');
  if (hasBody && !req.is(JSON_TYPES)) {
    throw new UnsupportedMediaTypeException('The request body must be JSON.', {
      description: 'Send it with the header "Content-Type: application/json".',
    });
  }
  next();
}

/** Every body of this API is an object; none at all counts as an empty one. */
export function objectOnly(req: Request, _res: Response, next: NextFunction): void {
  const body: unknown = req.body;
  if (body === undefined) {
    req.body = {};
  } else if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new DomainError('INVALID_INPUT', 'The request body must be a JSON object.', {
      hint: 'Send {"name": "value"}, not a list, a text or a number.',
    });
  }
  next();
}
