import { prefersAsync } from './respond-async.js';

describe('Prefer: respond-async', () => {
  it.each([
    'respond-async',
    'Respond-Async',
    'respond-async, wait=10',
    'return=minimal,respond-async',
    'handling=lenient; x="a, b", respond-async',
    'respond-async; speed="fast"',
    'respond-async=""',
    ' ,  respond-async',
  ])('is seen in %j', (header) => {
    expect(prefersAsync(header)).toBe(true);
  });

  it.each([
    undefined,
    '',
    'wait=10',
    'respond-async=no',
    'not-respond-async',
    'return=respond-async',
    'note="respond-async"',
    'note="a, respond-async, b"',
    String.raw`note="a\", respond-async, b"`,
    'return; respond-async',
  ])('is not seen in %j', (header) => {
    expect(prefersAsync(header)).toBe(false);
  });
});
