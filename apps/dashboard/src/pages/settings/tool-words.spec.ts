import { toolState, wordsOf } from './tool-words.js';

const one = { path: '/a/pg_dump', version: '15.1', flavour: 'PostgreSQL' } as const;
const two = { path: '/b/pg_dump', version: '16.2', flavour: 'PostgreSQL' } as const;
const found = { key: 'pg_dump_path', version: '15.1', flavour: 'PostgreSQL' as const, all: [one, two] };

describe('the state of a tool', () => {
  it('is the best that was found, and the others', () => {
    expect(toolState('', found)).toEqual({
      ...{ kind: 'found', path: '/a/pg_dump', version: 'PostgreSQL 15.1', others: [two] },
    });
    expect(wordsOf(two)).toBe('PostgreSQL 16.2');
  });

  it('is the one that was set by hand', () => {
    expect(toolState('/b/pg_dump', found)).toEqual({ kind: 'set', path: '/b/pg_dump', version: 'PostgreSQL 16.2' });
  });

  it('is broken where that one cannot be run any more', () => {
    expect(toolState('/gone/pg_dump', found)).toEqual({ kind: 'broken', path: '/gone/pg_dump' });
  });

  it('is missing where there is none', () => {
    expect(toolState('', { ...found, all: [] })).toEqual({ kind: 'missing' });
    expect(toolState('', undefined)).toEqual({ kind: 'missing' });
  });
});
