import { draftFaults, draftOf, policyOf } from './retention-draft.js';

describe('a retention policy as it is typed', () => {
  it.each([
    [{ keep_last: 3 }],
    [{ days: 30, daily: 7, weekly: 4, monthly: 12, yearly: 2, hourly: 24 }],
    [{ keep_last: 1, max_bytes: 2_500_000_000 }],
    [{ max_bytes: 999_000 }],
    [{ max_bytes: 3e12 }],
    [{}],
  ])('is %j again when nobody changes it', (policy) => {
    const draft = draftOf(policy);
    expect(draftFaults(draft)).toEqual({});
    expect(policyOf(draft)).toEqual(policy);
  });

  it('has no rule where none is set', () => {
    expect(policyOf(draftOf(null))).toEqual({});
    expect(policyOf(draftOf({ keep_last: null, days: 5 }))).toEqual({ days: 5 });
  });

  it('takes a size with a comma', () => {
    expect(policyOf({ ...draftOf({}), size: '1,5', unit: 'GB' })).toEqual({ max_bytes: 1_500_000_000 });
  });

  it('tells each field that is wrong', () => {
    const { counts } = draftOf({});
    const draft = { counts: { ...counts, keep_last: '0', days: 'ten', weekly: '1.5' }, size: '0', unit: 'GB' } as const;
    expect(Object.keys(draftFaults(draft))).toEqual(['keep_last', 'days', 'weekly', 'max_bytes']);
  });
});
