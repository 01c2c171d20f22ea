import type { AnswerLimits } from '../../../session/answer-guard.js';
import type { MysqlSession } from '../../login/mysql-session.js';
import { carryHistograms } from './histograms.js';

describe('Histograms that a swap makes anew', () => {
  const limits: (AnswerLimits | undefined)[] = [];
  const sessionWhere = (analyze: (sql: string) => unknown): MysqlSession => {
    const rows = async (sql: string, _values: unknown, limit?: AnswerLimits): Promise<unknown> => {
      if (sql.includes('COLUMN_STATISTICS')) return ['a', 'b'].map((column) => ({ table: 't', column, buckets: '7' }));
      if (!sql.startsWith('ANALYZE')) return [{}];
      limits.push(limit);
      return analyze(sql);
    };
    const serverInfo = async (): Promise<unknown> => ({ flavour: 'MySQL' });
    return { rows, serverInfo } as unknown as MysqlSession;
  };
  beforeEach(() => limits.splice(0));

  it('75: are named where the server refuses one, and the others are made, for as long as that takes', async () => {
    const session = sessionWhere((sql) => {
      if (sql.includes('`a`')) throw Object.assign(new Error('Lock wait timeout exceeded'), { errno: 1205 });
      return [{ Msg_type: 'status' }];
    });
    await expect(carryHistograms(session, 'shop', 'copy')).resolves.toEqual([expect.stringContaining(': t.a. Run')]);
    expect(limits).toEqual([{ withinMs: Infinity }, { withinMs: Infinity }]);
  });

  it('75: fail where the connection is lost', async () => {
    const session = sessionWhere(() => {
      throw new Error('Connection lost');
    });
    await expect(carryHistograms(session, 'shop', 'copy')).rejects.toThrow('Connection lost');
  });

  it('75: are not begun any more once the restore was cancelled', async () => {
    const cancel = new AbortController();
    const session = sessionWhere(() => {
      cancel.abort();
      return [{ Msg_type: 'status' }];
    });
    await expect(carryHistograms(session, 'shop', 'copy', cancel.signal)).resolves.toEqual([]);
    expect(limits).toHaveLength(1);
  });
});
