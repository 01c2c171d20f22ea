import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import { DomainError } from '@app/domain';

/**
 * Refuses the fields of a call that takes none. Ignored, a `connection_id` of `POST /api/backup/force` would get a backup of
 * another database, with success. A query counts only where a call may change something: others are read with a `?_=1` that keeps
 * caches away.
 */
export class UnknownFieldsGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const takesBody = takes(context, RouteParamtypes.BODY);
    const reads = ['GET', 'HEAD'].includes(request.method);
    if (!reads && !takes(context, RouteParamtypes.QUERY)) {
      const where = takesBody ? 'send them in its body' : 'send it without one';
      refuse(request.query, 'is not a known field of the query', `This call takes no fields in its query: ${where}.`);
    }
    if (!takesBody) {
      const body = request.body as object | undefined;
      refuse(body, 'is not a known field', 'This call takes no fields: send it without a body.');
    }
    return true;
  }
}

function refuse(given: object | undefined, message: string, hint: string): void {
  const fields = Object.keys(given ?? {}).map((field) => ({ field: field.slice(0, 100), message }));
  if (fields.length === 0) return;
  const list = fields.map(({ field }) => `${field} ${message}`).join('; ');
  throw new DomainError('INVALID_INPUT', `${list}.`, { hint, fields });
}

function takes(context: ExecutionContext, type: RouteParamtypes): boolean {
  const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    Record<string, unknown> | undefined;
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${type}:`));
}
