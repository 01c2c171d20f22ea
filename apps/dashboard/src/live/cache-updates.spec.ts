import { QueryClient, QueryObserver } from '@tanstack/react-query';
import { applyEvent, jobKey } from './cache-updates.js';

/** The server's answers in the order of the questions; each waits until it is given. */
class Answers {
  readonly given: ((state: string) => void)[] = [];

  readonly ask = (): Promise<object> =>
    new Promise((resolve) => {
      this.given.push((state) => resolve({ success: true, job: { id: 'j', state } }));
    });
}

const flush = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe('events and the answers they make old', () => {
  const end = { name: 'job', data: { id: 'j', state: 'failed', type: 'verify' } };
  let client: QueryClient;
  let answers: Answers;
  let observer: QueryObserver;
  let leave: () => void;

  beforeEach(() => {
    client = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity, retry: false } } });
    answers = new Answers();
    observer = new QueryObserver<unknown>(client, { queryKey: jobKey('j'), queryFn: answers.ask });
    leave = observer.subscribe(() => undefined);
  });
  afterEach(() => {
    leave();
    client.clear();
  });
  const shown = (): unknown => observer.getCurrentResult().data;

  it('ask once more for what was first asked for before the event, and answered after it', async () => {
    applyEvent(client, end);
    applyEvent(client, end);
    // As it was before the event; it is shown meanwhile.
    answers.given[0]?.('running');
    await flush();
    expect(shown()).toMatchObject({ job: { state: 'running' } });
    answers.given.at(-1)?.('failed');
    await flush();
    expect(shown()).toMatchObject({ job: { state: 'failed' } });
  });

  it('change what is known at once, whatever an answer under way says', async () => {
    answers.given[0]?.('queued');
    await flush();
    void client.invalidateQueries({ queryKey: jobKey('j') });
    applyEvent(client, end);
    expect(shown()).toMatchObject({ job: { state: 'failed' } });
    answers.given[1]?.('running');
    await flush();
    expect(shown()).toMatchObject({ job: { state: 'failed' } });
  });

  it('leave alone what they do not make old', async () => {
    answers.given[0]?.('queued');
    await flush();
    applyEvent(client, { name: 'backup', data: {} });
    await flush();
    expect(answers.given).toHaveLength(1);
  });
});
