import { formFaults } from './form-faults.js';

const refusal = (errors: { field: string; message: string }[], code = 'INVALID_INPUT') => ({
  success: false,
  message: 'It cannot be.',
  hint: 'Do otherwise.',
  code,
  errors,
});

describe('what is wrong with a form', () => {
  it('is nothing without an error', () => {
    expect(formFaults(undefined, ['name'])).toEqual({ fields: {}, rest: undefined });
  });

  it('stands at its fields, as sentences', () => {
    const error = refusal([
      { field: 'cron', message: 'is empty' },
      { field: 'password', message: 'The password is empty.' },
    ]);
    expect(formFaults(error, ['cron', 'password'])).toEqual({
      fields: { cron: 'Is empty.', password: 'The password is empty.' },
      rest: undefined,
    });
  });

  it('shows the whole error when the form does not have one of the fields', () => {
    const error = refusal([
      { field: 'cron', message: 'is empty' },
      { field: 'other', message: 'is missing' },
    ]);
    expect(formFaults(error, ['cron'])).toEqual({ fields: { cron: 'Is empty.' }, rest: error });
  });

  it('is told as a whole where it names no field, unless its code stands for one', () => {
    const error = refusal([], 'USER_EXISTS');
    expect(formFaults(error, ['username'])).toEqual({ fields: {}, rest: error });
    expect(formFaults(error, ['username'], { USER_EXISTS: 'username' })).toEqual({
      fields: { username: 'It cannot be. Do otherwise.' },
      rest: undefined,
    });
  });
});
