import type { ConnectionParams } from '@app/domain';
import { dropInTime, DropTakesLong, whyNotDropped } from './copy-drop.js';

const connection = { database: 'shop' } as ConnectionParams;

describe('dropping a staging or previous database', () => {
  it('waits a limited time for the server, whether or not that obeys', async () => {
    let told: AbortSignal | undefined;
    const swap = {
      dropCopy: (_connection: ConnectionParams, _name: string, signal?: AbortSignal): Promise<void> => {
        told = signal;
        return new Promise(() => undefined);
      },
    };
    await expect(dropInTime(swap, connection, 'shop__before_1', 20)).rejects.toBeInstanceOf(DropTakesLong);
    expect(told?.aborted).toBe(true);
    expect(await whyNotDropped(swap, connection, 'shop__before_1', 20)).toBe(
      'The server has not dropped "shop__before_1" within 0.02 s.',
    );
  });

  it('rejects as the server does, and says nothing when it is gone', async () => {
    const refused = { dropCopy: () => Promise.reject(new Error('no')) };
    expect(await whyNotDropped(refused, connection, 'shop__before_1')).toBe('no');
    expect(await whyNotDropped({ dropCopy: () => Promise.resolve() }, connection, 'shop__before_1')).toBeUndefined();
  });
});
