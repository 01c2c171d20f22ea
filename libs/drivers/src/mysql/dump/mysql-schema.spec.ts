import { changesBetween } from './mysql-schema.js';
import type { Schema } from './mysql-schema.js';

const schema = (hashes: Record<string, string>, created: Record<string, string> = {}): Schema => ({
  hashes: new Map(Object.entries(hashes)),
  created: new Map(Object.entries(created)),
  objects: {},
});

describe('what changed during a dump', () => {
  it('is told object by object', () => {
    const before = schema({ 'table a': '1', 'table b': '1', 'view v': '1' });
    const after = schema({ 'table a': '2', 'view v': '1', 'trigger t': '1' });
    expect(changesBetween(before, after)).toEqual(['table a (altered)', 'table b (dropped)', 'trigger t (created)']);
  });

  it('is a table that was altered and altered back', () => {
    const at = (time: string): Schema => schema({ 'table a': '1' }, { 'table a': time });
    expect(changesBetween(at('2026-01-01 00:00:00'), at('2026-01-01 00:00:01'))).toEqual(['table a (altered)']);
    expect(changesBetween(at('2026-01-01 00:00:00'), at('2026-01-01 00:00:00'))).toEqual([]);
  });

  it('is not a table of which the server could not tell at one moment when it was made', () => {
    const [known, unknown] = [schema({ 'table a': '1' }, { 'table a': 'x' }), schema({ 'table a': '1' })];
    expect(changesBetween(known, unknown)).toEqual([]);
    expect(changesBetween(unknown, known)).toEqual([]);
  });
});
