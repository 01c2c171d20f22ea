import { readAddress, readCursors, sortedBy, writeAddress } from './list-address.js';

const read = (text: string) => readAddress(new URLSearchParams(text));
const written = (text: string) => writeAddress(read(text)).toString();

describe('the address of a list of backups', () => {
  it('is empty for the newest first', () => {
    expect(read('')).toEqual({ search: '', connection: undefined, status: undefined, sort: 'created', order: 'desc' });
    expect(written('sort=created&order=desc&search=')).toBe('');
  });

  it('keeps what is looked for', () => {
    const address = 'search=sh%26op&connection=c1&status=damaged&sort=size&order=asc';
    expect(written(address)).toBe(address);
    expect(read(address).search).toBe('sh&op');
  });

  it('leaves out what nobody can make sense of', () => {
    expect(written('status=lost&sort=colour&order=up&other=1')).toBe('');
  });

  it('turns a column round when it is clicked again', () => {
    const begun = read('search=x');
    const bySize = { ...begun, ...sortedBy(begun, 'size') };
    expect(writeAddress(bySize).toString()).toBe('search=x&sort=size');
    expect(sortedBy(bySize, 'size')).toEqual({ sort: 'size', order: 'asc' });
    expect(sortedBy(bySize, 'filename')).toEqual({ sort: 'filename', order: 'asc' });
  });

  it('takes from the history only what can be cursors', () => {
    expect(readCursors({ cursors: ['a', 'b'] })).toEqual(['a', 'b']);
    for (const state of [null, undefined, {}, 'x', { cursors: [1] }, { cursors: 'a' }]) {
      expect(readCursors(state)).toEqual([]);
    }
  });
});
