import { ConnectRequest } from '../../connection/connection.dto.js';
import { ConnectionCreateRequest } from '../../connection/connections.dto.js';
import { requestValidation } from './request-validation.pipe.js';

const refusalOf = (body: object, metatype: unknown): Promise<unknown> =>
  requestValidation()
    .transform(body, { type: 'body', metatype: metatype as never })
    .then(
      () => 'accepted',
      (error: { fields?: unknown }) => error.fields,
    );

describe('the validation of a request', () => {
  it.each([
    ['hosx', 'host'],
    ['Database', 'database'],
    ['user_name', 'username'],
    ['dbType', 'db_type'],
    ['ssl-mode', 'ssl_mode'],
    ['passwort', 'password'],
  ])('41: says of the unknown field %s that %s is meant', async (field, meant) => {
    expect(await refusalOf({ [field]: 'x' }, ConnectRequest)).toContainEqual({
      field,
      message: `is not a known field, did you mean ${meant}`,
    });
  });

  it('41: says of a field that is like no other that it is not known, and what is required', async () => {
    const fields = await refusalOf({ colour: 'x' }, ConnectRequest);
    expect(fields).toContainEqual({ field: 'colour', message: 'is not a known field' });
    expect(fields).toContainEqual({ field: 'host', message: 'is required' });
  });

  it('41: says what is meant within an object', async () => {
    expect(await refusalOf({ retention: { dayly: 3 } }, ConnectionCreateRequest)).toContainEqual({
      field: 'retention.dayly',
      message: 'is not a known field, did you mean daily',
    });
  });
});
