import { StatementBuffer } from './statement-buffer.js';

const MB = 1024 * 1024;

it('puts statements together from their chunks', () => {
  const statement = new StatementBuffer();
  statement.append(Buffer.from('INSERT '));
  statement.append(Buffer.from('INTO t'));
  expect(statement.head(6)).toBe('INSERT');
  expect(statement.take().toString()).toBe('INSERT INTO t');
  expect(statement.length).toBe(0);
});

it('leaves alone what was taken, however long, until it is given back', () => {
  const statement = new StatementBuffer();
  const taken = [10, 200_000, MB, 5 * MB].map((length, index) => {
    for (let rest = length; rest > 0; rest -= 65_536) statement.append(Buffer.alloc(Math.min(rest, 65_536), index));
    return statement.take();
  });
  expect(taken.map(({ length }) => length)).toEqual([10, 200_000, MB, 5 * MB]);
  taken.forEach((bytes, index) => expect(bytes.equals(Buffer.alloc(bytes.length, index))).toBe(true));
});

it('uses again what it is given back, and nothing that is a part of something else', () => {
  const statement = new StatementBuffer();
  statement.append(Buffer.alloc(MB, 1));
  const first = statement.take();
  statement.reuse(Buffer.alloc(4 * MB).subarray(MB));
  statement.reuse(first);
  statement.append(Buffer.alloc(MB, 2));
  statement.take();
  statement.append(Buffer.alloc(MB, 3));
  expect(statement.take().buffer).toBe(first.buffer);
});
