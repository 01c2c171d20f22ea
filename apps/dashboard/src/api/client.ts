import createFetchClient from 'openapi-fetch';
import createQueryClient from 'openapi-react-query';
import type { components, paths } from './schema.js';

/** Calls of the API, typed by its OpenAPI document: `npm run openapi` writes schema.d.ts anew. */
export const api = createFetchClient<paths>({ baseUrl: location.origin });

/** The same as queries and mutations. The key of a query is `[method, path, parameters]`. */
export const $api = createQueryClient(api);

/** The types of the API by their names: `Schemas['JobEntry']`. */
export type Schemas = components['schemas'];

/** Asks for an answer at once, with the job that does the work (RFC 7240). */
export const RESPOND_ASYNC = { header: { Prefer: 'respond-async' } } as const;
