import { auditSubject } from './audit-subject.js';

describe('auditSubject', () => {
  const nothing = { params: {}, body: {}, answer: {} };

  it.each([
    ['the id in the path', { params: { id: 'c1' }, answer: { connection: { id: 'c2' } } }, 'c1'],
    ['what was made', { body: { database: 'shop' }, answer: { connection: { id: 'c2' } } }, 'c2'],
    ['the job of one who does not wait', { body: { connection_id: 'c1' }, answer: { job: { id: 'j1' } } }, 'j1'],
    ['the backup', { answer: { backup: { id: 'b1' } } }, 'b1'],
    ['the user of a call on users', { body: { operation: 'Create User', username: 'ann' } }, 'ann'],
    ['the database, not the login', { body: { database: 'shop', username: 'keeper' } }, 'shop'],
    ['the connection that a failed call named', { body: { connection_id: 'c1' }, answer: { code: 'BUSY' } }, 'c1'],
    ['the database that was restored', { answer: { restore: { id: 'r1', database: 'shop' } } }, 'shop'],
    ['the database that would be restored', { answer: { plan: { database: 'shop' } } }, 'shop'],
    ['the restore that is undone', { params: { id: 'r1' }, answer: { restore: { database: 'shop' } } }, 'r1'],
  ])('is %s', (_name, request, subject) => {
    expect(auditSubject({ ...nothing, ...request })).toBe(subject);
  });

  it.each([
    nothing,
    { params: undefined, body: undefined, answer: undefined },
    { params: { id: '' }, body: { database: 7 }, answer: 'text' },
  ])('is null where nothing is named: %j', (request) => {
    expect(auditSubject(request)).toBeNull();
  });

  it('holds no secret and has a bound', () => {
    expect(auditSubject({ ...nothing, body: { database: 'password=hunter2' } })).not.toContain('hunter2');
    expect(auditSubject({ ...nothing, body: { database: 'x'.repeat(1000) } })).toHaveLength(201);
  });
});
