import { isKnown, isSameAs } from './preconditions.js';

const is = { etag: '"a"', lastModified: 'Wed, 20 Dec 2023 12:00:00 GMT' };

describe('If-Range', () => {
  it('lets a part of the same content be answered', () => {
    for (const header of [undefined, is.etag, is.lastModified]) expect(isSameAs(header, is)).toBe(true);
  });

  it('does not where the content is another, or only like it', () => {
    for (const header of ['"b"', 'W/"a"', 'Wed, 20 Dec 2023 12:00:01 GMT', ''])
      expect(isSameAs(header, is)).toBe(false);
  });
});

describe('what the caller has already', () => {
  it.each(['"a"', '"b", "a"', 'W/"a"', '*'])('is known by If-None-Match: %s', (header) => {
    expect(isKnown(header, undefined, is)).toBe(true);
  });

  it.each(['"b"', 'a', ''])('is not known by If-None-Match: %j, whatever the date', (header) => {
    expect(isKnown(header, is.lastModified, is)).toBe(false);
  });

  it('is known by its date, where there is no tag', () => {
    expect(isKnown(undefined, is.lastModified, is)).toBe(true);
    expect(isKnown(undefined, 'Wed, 20 Dec 2023 12:00:01 GMT', is)).toBe(true);
    for (const date of ['Wed, 20 Dec 2023 11:59:59 GMT', 'lately', undefined]) {
      expect(isKnown(undefined, date, is)).toBe(false);
    }
  });
});
