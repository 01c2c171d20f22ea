import { DomainError } from '@app/domain';
import type { MysqlSession } from '../../login/mysql-session.js';
import type { Strays } from '../strays.js';
import type { SwapPlan } from '../swap-plan.js';
import { TableMoves } from './table-moves.js';

const PLAN: SwapPlan = {
  ...{ version: 1, live: 'shop', incoming: 'shop__restore_1', outgoing: 'shop__before_1', tag: '1' },
  ...{ characterSet: 'utf8mb4', collation: 'utf8mb4_bin', old: [], new: ['a', 'b'], views: [] },
  ...{ atomic: true, phase: 'exchange' },
};
const ARRIVALS = PLAN.new.map((table) => ({
  from: { schema: PLAN.incoming, table },
  to: { schema: PLAN.live, table },
}));

/** Of a server that takes one table per statement. */
async function movesBy(rename: Strays['rename']): Promise<TableMoves> {
  const session = { row: () => Promise.resolve({ packet: 1_000_000 }), rows: () => Promise.resolve([]) };
  const parts = {
    session: session as unknown as MysqlSession,
    strays: { rename } as Strays,
    plan: PLAN,
    leaving: 'old',
    arriving: 'new',
    step: () => Promise.resolve(),
    limits: { atOnce: 1, batch: 1 },
  } as const;
  return TableMoves.begin(parts, true);
}

it.each([
  [
    'whose answer is lost may have been done',
    Object.assign(new Error('gone'), { code: 'ECONNRESET', errno: -104 }),
    true,
  ],
  ['that the server refuses has not been done', Object.assign(new Error('no'), { errno: 1050 }), false],
  ['that others did not let through has not been done', new DomainError('BUSY', 'others'), false],
])('An arrival %s', async (_case, error, expected) => {
  const moves = await movesBy(() => Promise.reject(error));
  await expect(moves.rename(ARRIVALS, { arriving: true })).rejects.toBe(error);
  expect(moves.hasArrived).toBe(expected);
});

it('What the statements themselves take does not use up the patience with those who use the tables', async () => {
  const patience: number[] = [];
  const moves = await movesBy(async (_renames, options) => {
    patience.push(options?.patienceMs ?? 0);
    // 50 ms until others let go, and a statement of 200 ms.
    const start = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 250));
    return performance.now() - start - 50;
  });
  await moves.rename(ARRIVALS, { patienceMs: 200 });
  expect(patience).toEqual([200, expect.closeTo(150, -1)]);
});
