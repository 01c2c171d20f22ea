import { ValidationPipe } from '@nestjs/common';
import { getMetadataStorage } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { DomainError, nearestOf } from '@app/domain';
import type { FieldFault } from '@app/domain';

/** Checks every request against its class and names all faults at once; fields that no class knows are faults too. */
export function requestValidation(): ValidationPipe {
  return new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    // Otherwise an error does not know whose fields could be meant. Nothing of the target is shown.
    validationError: { target: true, value: false },
    exceptionFactory: invalidInput,
  });
}

function invalidInput(errors: ValidationError[]): DomainError {
  const fields = errors.flatMap((error) => faultsOf(error));
  const list = fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('INVALID_INPUT', `${list}.`, {
    hint: fields.length === 1 ? 'Correct this field and send it again.' : 'Correct these fields and send them again.',
    fields,
  });
}

/** Those of an object stand under its name: `retention.days`. A list in its place has one fault, itself. */
function faultsOf({ property, constraints = {}, children = [], target }: ValidationError, under = ''): FieldFault[] {
  const field = under + property.slice(0, 100);
  const isList = constraints['field'] !== undefined && children.some((child) => /^\d+$/.test(child.property));
  if (children.length > 0 && !isList) return children.flatMap((child) => faultsOf(child, `${field}.`));
  const message = 'whitelistValidation' in constraints ? unknownField(property, target) : constraints['field'];
  return [{ field, message: message ?? Object.values(constraints)[0] ?? 'is wrong' }];
}

function unknownField(property: string, target: object | undefined): string {
  const meant = nearestOf(property, target === undefined ? [] : fieldsOf(target));
  return meant === undefined ? 'is not a known field' : `is not a known field, did you mean ${meant}`;
}

function fieldsOf(target: object): string[] {
  const known = getMetadataStorage().getTargetValidationMetadatas(target.constructor, '', false, false);
  return [...new Set(known.map(({ propertyName }) => propertyName))];
}
