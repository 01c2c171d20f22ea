import { ValidationPipe } from '@nestjs/common';
import type { ValidationError } from 'class-validator';
import { DomainError } from '@app/domain';
import type { FieldFault } from '@app/domain';

/** Checks every request against its class and names all faults at once; fields that no class knows are faults too. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    exceptionFactory: invalidInput,
  });
}

function invalidInput(errors: ValidationError[]): DomainError {
  const fields: FieldFault[] = errors.map(({ property, constraints = {} }) => ({
    field: property.slice(0, 100),
    message: 'whitelistValidation' in constraints ? 'is unknown' : (Object.values(constraints)[0] ?? 'is wrong'),
  }));
  const list = fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('INVALID_INPUT', `${list}.`, {
    hint: fields.length === 1 ? 'Correct this field and send it again.' : 'Correct these fields and send them again.',
    fields,
  });
}
