import { historyQuery, isNarrowed, readHistoryAddress, writeHistoryAddress } from './history-address.js';

const read = (text: string) => readHistoryAddress(new URLSearchParams(text));

describe('the address of the jobs of the past', () => {
  it('is empty for all work on databases, however it ended', () => {
    expect(read('')).toEqual({ ending: undefined, kind: 'work', connection: undefined });
    expect(writeHistoryAddress(read('')).toString()).toBe('');
    expect(isNarrowed(read(''))).toBe(false);
    expect(historyQuery(read(''))).toEqual({
      state: 'succeeded,failed,cancelled,interrupted',
      type: 'backup,restore,undo,verify,adopt,retention,settle',
    });
  });

  it('keeps what is looked for', () => {
    const text = 'state=failed&type=backup&connection=c1';
    expect(writeHistoryAddress(read(text)).toString()).toBe(text);
    expect(isNarrowed(read(text))).toBe(true);
    expect(historyQuery(read(text))).toEqual({ state: 'failed', type: 'backup', connection_id: 'c1' });
  });

  it('asks for every type where housekeeping is wanted, too', () => {
    expect(historyQuery(read('type=all'))).toEqual({ state: 'succeeded,failed,cancelled,interrupted' });
    expect(isNarrowed(read('type=all'))).toBe(false);
  });

  it('passes over what it does not understand, and what is not of the past', () => {
    expect(read('state=running&type=dance')).toEqual(read(''));
  });
});
