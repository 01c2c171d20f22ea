import { DomainError, firstFailure } from './errors.js';

describe('the first of several failures', () => {
  it('79: is the original failure, not a later one of the clean-up', () => {
    const failure = new DomainError('RESTORE_FAILED', 'the words of the server');
    const inner = new SuppressedError(new Error('its session could not be closed'), failure);
    expect(firstFailure(new SuppressedError(new Error('a file could not be removed'), inner))).toBe(failure);
  });

  it('is the failure itself when it is the only one', () => {
    const failure = new Error('plain');
    expect(firstFailure(failure)).toBe(failure);
    expect(firstFailure('text')).toBe('text');
  });
});
