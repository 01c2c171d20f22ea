import type { RetentionPolicy } from '@app/domain';
import { ObjectField, WholeNumberField } from './request-fields.js';

const MAX_COUNT = 1_000_000;

/** A {@link RetentionPolicy} in a request or an answer; a rule that is absent or null is not set. */
export class RetentionPolicyBody {
  @CountField('The newest so many.', 3)
  keep_last?: number | null | undefined;

  @CountField('Everything younger than so many days.')
  days?: number | null | undefined;

  @CountField('The newest of each of the last so many hours that have a backup.')
  hourly?: number | null | undefined;

  @CountField('The newest of each of the last so many days that have a backup.', 7)
  daily?: number | null | undefined;

  @CountField('The newest of each of the last so many ISO weeks that have a backup.', 4)
  weekly?: number | null | undefined;

  @CountField('The newest of each of the last so many months that have a backup.', 12)
  monthly?: number | null | undefined;

  @CountField('The newest of each of the last so many years that have a backup.')
  yearly?: number | null | undefined;

  @WholeNumberField({
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
    optional: true,
    nullable: true,
    description: 'Bytes. Removes the oldest of the backups that the other rules keep until the rest fits.',
  })
  max_bytes?: number | null | undefined;

  static of(policy: RetentionPolicy): RetentionPolicyBody {
    return {
      keep_last: policy.keepLast ?? null,
      days: policy.days ?? null,
      hourly: policy.hourly ?? null,
      daily: policy.daily ?? null,
      weekly: policy.weekly ?? null,
      monthly: policy.monthly ?? null,
      yearly: policy.yearly ?? null,
      max_bytes: policy.maxBytes ?? null,
    };
  }
}

/** The policy that a request means, without the rules that it does not set. */
export function retentionPolicyOf(body: RetentionPolicyBody): RetentionPolicy {
  const { keep_last, days, hourly, daily, weekly, monthly, yearly, max_bytes } = body;
  const rules = { keepLast: keep_last, days, hourly, daily, weekly, monthly, yearly, maxBytes: max_bytes };
  return Object.fromEntries(Object.entries(rules).filter(([, value]) => typeof value === 'number'));
}

/** A retention policy; null stands for the one that holds without it. */
export function RetentionPolicyField(options: { description: string }): PropertyDecorator {
  return ObjectField(() => RetentionPolicyBody, { ...options, optional: true, nullable: true });
}

function CountField(description: string, example?: number): PropertyDecorator {
  return WholeNumberField({
    min: 1,
    max: MAX_COUNT,
    optional: true,
    nullable: true,
    description,
    ...(example === undefined ? {} : { example }),
  });
}
