import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import type { Request } from 'express';
import { DomainError } from '@app/domain';

/**
 * Refuses the fields of a call that takes none. Ignored, a `connection_id` of `POST /api/backup/force` would get a backup of
 * another database, with success.
 */
export class NoBodyGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<Request>();
    const fields = Object.keys((request.body as object | undefined) ?? {}).map((field) => field.slice(0, 100));
    if (fields.length === 0 || takesBody(context)) return true;
    const list = fields.map((field) => `${field} is not a known field`).join('; ');
    throw new DomainError('INVALID_INPUT', `${list}.`, {
      hint: 'This call takes no fields: send it without a body.',
      fields: fields.map((field) => ({ field, message: 'is not a known field' })),
    });
  }
}

function takesBody(context: ExecutionContext): boolean {
  const parameters = Reflect.getMetadata(ROUTE_ARGS_METADATA, context.getClass(), context.getHandler().name) as
    Record<string, unknown> | undefined;
  return Object.keys(parameters ?? {}).some((key) => key.startsWith(`${RouteParamtypes.BODY}:`));
}
