import { kindsOf, matchingTables } from './contents.js';

describe('the contents of a backup', () => {
  it('are counted by kind, one of them in the singular', () => {
    expect(kindsOf({ tables: 4, views: 1, indexes: 1, policies: 1, foreign_tables: 0, event_triggers: 0 })).toEqual({
      there: [
        { kind: 'tables', count: 4 },
        { kind: 'view', count: 1 },
        { kind: 'index', count: 1 },
        { kind: 'policy', count: 1 },
      ],
      absent: ['foreign tables', 'event triggers'],
    });
  });

  it('are the tables with the most rows first, or those of a name', () => {
    const rows = { 'public.b': 1, 'public.Orders': 7, 'public.a': 1 };
    expect(matchingTables(rows, '').map(({ table }) => table)).toEqual(['public.Orders', 'public.a', 'public.b']);
    expect(matchingTables(rows, ' order')).toEqual([{ table: 'public.Orders', count: 7 }]);
    expect(matchingTables(rows, 'x')).toEqual([]);
  });
});
