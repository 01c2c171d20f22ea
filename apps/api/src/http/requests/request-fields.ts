import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';

interface FieldOptions {
  description?: string;
  example?: unknown;
  /** Absent and null are the same, and allowed. */
  optional?: boolean;
  /** For an optional field: null (or `""`) is a value of its own, which clears what was set. */
  nullable?: boolean;
  /** For an optional field: `""` does not count as absent. Guards against a script's empty variable. */
  refusesEmpty?: boolean;
}

interface TextOptions extends FieldOptions {
  maxLength: number;
  /** Whether `""` is a value. Otherwise it counts as absent where the field is optional, and is refused where not. */
  mayBeEmpty?: boolean;
  /** Says what else is wrong with the text; undefined if it is valid. */
  faultOf?: (text: string) => string | undefined;
}

/** A text without NUL. */
export function TextField(options: TextOptions): PropertyDecorator {
  return field(options, { type: String, maxLength: options.maxLength }, (value) => textFault(value, options));
}

/** A number from 1 to 65535, as a number or as text, becomes a number. */
export function PortField(options: FieldOptions & { mayBeEmpty?: boolean }): PropertyDecorator {
  const schema = { oneOf: [{ type: 'string' }, { type: 'integer', minimum: 1, maximum: 65535 }] };
  return applyDecorators(
    Transform(({ value }) =>
      typeof value === 'string' && /^\d{1,5}$/.test(value.trim()) ? Number(value) : (value as unknown),
    ),
    field(options, schema, (value) => {
      if (value === '' && options.mayBeEmpty === true) return undefined;
      const right = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
      return right ? undefined : 'must be a number from 1 to 65535';
    }),
  );
}

/** A whole number, as a number or as text, becomes a number. */
export function WholeNumberField(options: FieldOptions & { min: number; max: number }): PropertyDecorator {
  const { min, max } = options;
  return applyDecorators(
    Transform(({ value }) =>
      typeof value === 'string' && /^-?\d{1,15}$/.test(value.trim()) ? Number(value) : (value as unknown),
    ),
    field(options, { type: 'integer', minimum: min, maximum: max }, (value) => {
      const right = typeof value === 'number' && Number.isSafeInteger(value) && value >= min && value <= max;
      return right ? undefined : `must be a whole number from ${min} to ${max}`;
    }),
  );
}

/** One of a few words, whatever their case; `aliases` are read as the word that they stand for. */
export function WordField(
  words: readonly string[],
  options: FieldOptions & { mayBeEmpty?: boolean; aliases?: Readonly<Record<string, string>> },
): PropertyDecorator {
  const { aliases = {}, mayBeEmpty, ...rest } = options;
  return applyDecorators(
    Transform(({ value }) => {
      if (typeof value !== 'string') return value as unknown;
      const lower = value.trim().toLowerCase();
      return words.find((word) => word.toLowerCase() === lower) ?? aliases[lower] ?? value;
    }),
    field({ ...rest, mayBeEmpty }, { type: String, enum: words }, (value) => {
      const known = typeof value === 'string' && (words.includes(value) || (value === '' && mayBeEmpty === true));
      return known ? undefined : `must be ${words.map((word) => JSON.stringify(word)).join(' or ')}`;
    }),
  );
}

export function FlagField(options: FieldOptions): PropertyDecorator {
  return field(options, { type: Boolean }, (value) =>
    typeof value === 'boolean' ? undefined : 'must be true or false',
  );
}

export function TextListField(options: TextOptions & { minItems?: number; maxItems: number }): PropertyDecorator {
  const { minItems = 0, maxItems, maxLength } = options;
  return field(options, { type: [String], minItems, maxItems }, (value) => {
    if (!Array.isArray(value)) return 'must be a list of texts';
    if (value.length < minItems) return `must have at least ${minItems} ${minItems === 1 ? 'item' : 'items'}`;
    return textListFault(value, maxItems, maxLength);
  });
}

/**
 * An object with fields of its own, which a class declares like those of the request. Its errors are named
 * `retention.days` and precede the one of `faultOf`, which sees the object even if fields are invalid.
 */
export function ObjectField<T extends object>(
  type: () => new () => T,
  options: FieldOptions & { faultOf?: (value: T) => string | undefined },
): PropertyDecorator {
  return applyDecorators(
    Type(type),
    ValidateNested(),
    // Swagger calls the function only if it is named `type`; it gets that name from this key.
    field(options, { type: () => type() }, (value) => {
      if (typeof value !== 'object' || Array.isArray(value)) return 'must be an object';
      return options.faultOf?.(value as T);
    }),
  );
}

/** An object of texts by their names. With `nullableItems`, null is a value. */
export function TextMapField(options: TextOptions & { maxItems: number; nullableItems?: boolean }): PropertyDecorator {
  const { maxItems, maxLength, nullableItems = false } = options;
  const schema = { type: 'object', additionalProperties: { type: 'string', maxLength, nullable: nullableItems } };
  return field(options, schema, (value) => {
    if (typeof value !== 'object' || Array.isArray(value)) return 'must be an object of texts';
    const items = Object.entries(value as object);
    if (items.length > maxItems) return `must have at most ${maxItems} fields`;
    const faulty = items.find(
      ([, text]) => !(nullableItems && text === null) && textFault(text, options) !== undefined,
    );
    if (faulty === undefined) return undefined;
    return `has a field ${JSON.stringify(faulty[0].slice(0, 50))} that ${textFault(faulty[1], options) ?? 'is wrong'}`;
  });
}

/** Either `true` or `false`, or a list of texts. */
export function FlagOrTextListField(options: TextOptions & { maxItems: number }): PropertyDecorator {
  const { maxItems, maxLength } = options;
  const schema = { oneOf: [{ type: 'boolean' }, { type: 'array', items: { type: 'string' }, maxItems }] };
  return field(options, schema, (value) => {
    if (typeof value === 'boolean') return undefined;
    if (!Array.isArray(value)) return 'must be true or false, or a list of texts';
    return textListFault(value, maxItems, maxLength);
  });
}

function field(
  options: FieldOptions & { mayBeEmpty?: boolean | undefined },
  schema: object,
  faultOf: (value: unknown) => string | undefined,
): PropertyDecorator {
  const { description, example, optional = false, nullable = false } = options;
  const isEmptyAbsent = optional && options.mayBeEmpty !== true && options.refusesEmpty !== true;
  return applyDecorators(
    ApiProperty({
      ...schema,
      required: !optional,
      ...(nullable ? { nullable } : {}),
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
    }),
    Transform(({ value }) => {
      const absent = value === null || (value === '' && isEmptyAbsent);
      return absent ? (nullable ? null : undefined) : (value as unknown);
    }),
    ValidateIf((_object, value) => !(optional && value === undefined) && !(nullable && value === null)),
    ValidateBy({
      name: 'field',
      validator: {
        validate: (value) => value !== undefined && faultOf(value) === undefined,
        defaultMessage: (args) => (args?.value === undefined ? 'is required' : (faultOf(args.value) ?? 'is wrong')),
      },
    }),
  );
}

function textListFault(items: readonly unknown[], maxItems: number, maxLength: number): string | undefined {
  if (items.length > maxItems) return `must have at most ${maxItems} items`;
  return items.map((item) => textFault(item, { maxLength })).find((fault) => fault !== undefined);
}

function textFault(value: unknown, options: Omit<TextOptions, keyof FieldOptions>): string | undefined {
  if (typeof value !== 'string') return 'must be text';
  if (value === '') return options.mayBeEmpty === true ? undefined : 'is empty';
  if (value.includes('\0')) return 'contains a NUL character';
  if (!value.isWellFormed()) return 'contains half of a character';
  if (value.length > options.maxLength)
    return `is ${value.length} characters long; at most ${options.maxLength} are allowed`;
  return options.faultOf?.(value);
}
