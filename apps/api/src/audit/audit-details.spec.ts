import { auditDetails, auditText } from './audit-details.js';

describe('auditDetails', () => {
  it('keeps what was asked for', () => {
    const body = {
      ...{ db_type: 'PostgreSQL', host: 'db', port: 5432, database: 'shop', username: 'keeper', no_owner: true },
      ...{ accept_foreign_copy: true, replace: true, roles: ['app'] },
      privileges: ['LOGIN', 'CREATEDB'],
      retention: { keep_last: 3, days: null },
      options: { format: 'plain', location: './backups' },
    };
    expect(auditDetails(body)).toEqual(body);
  });

  it('has no secret, under whatever name: only fields that are known to be none are kept', () => {
    const secrets = {
      ...{ password: 'hunter2', ssl_key: 'hunter2', ssl_ca: 'hunter2', ssl_certificate: 'hunter2' },
      ...{ token: 'hunter2', new_field: 'hunter2' },
      options: { password: 'hunter2', options: { format: 'hunter2' } },
    };
    expect(auditDetails({ database: 'shop', ...secrets })).toEqual({ database: 'shop', options: {} });
  });

  it('has no secret that stands in another field', () => {
    const details = auditDetails({
      host: 'postgres://user:hunter2@db',
      name: 'password=hunter2',
      label: ['-phunter2'],
    });
    expect(JSON.stringify(details)).not.toContain('hunter2');
  });

  it('is short, and can be stored, whatever came', () => {
    const details = auditDetails({
      database: 'x'.repeat(10_000),
      username: 'a\0b\ud83d',
      privileges: [...Array.from({ length: 500 }, () => 'SELECT'), { deep: 'er' }],
      port: { deep: 1 },
      host: ['deep'],
    });
    expect(details).toMatchObject({ database: `${'x'.repeat(200)}…`, username: 'ab\ufffd', port: {}, host: [] });
    expect(details['privileges']).toHaveLength(50);
    expect(auditText('😀'.repeat(101))).toBe(`${'😀'.repeat(100)}…`);
  });

  it.each([undefined, null, 'text', 7, [{ database: 'x' }]])('is empty for a body that is %j', (body) => {
    expect(auditDetails(body)).toEqual({});
  });
});
