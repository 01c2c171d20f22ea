import { TextField } from './request-fields.js';

/** The id in the path of a route. */
export class IdParams {
  @TextField({ maxLength: 100, example: '6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52' })
  id!: string;
}
