import { DomainError, failureOf } from '@app/domain';
import { aJob } from '../../catalog/src/testing/sample-records.js';
import { resultOf } from './job-outcome.js';

describe('the outcome of a job', () => {
  it('is its result when it succeeded', () => {
    expect(resultOf(aJob({ state: 'succeeded', result: { path: 'x' } }))).toEqual({ path: 'x' });
  });

  it.each(['failed', 'cancelled', 'interrupted'] as const)('is its failure, which is thrown, when it %s', (state) => {
    const details = { hint: 'Try that.', fields: [{ field: 'port', message: 'is closed' }] };
    const error = new DomainError('WRONG_CREDENTIALS', 'No.', details);
    let thrown: unknown;
    try {
      resultOf(aJob({ state, failure: failureOf(error) }));
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBeInstanceOf(DomainError);
    expect(thrown).toMatchObject({ code: 'WRONG_CREDENTIALS', kind: 'unprocessable', message: 'No.', ...details });
  });

  it('is an error while it has not ended', () => {
    expect(() => resultOf(aJob({ state: 'queued' }))).toThrow('queued');
  });
});
