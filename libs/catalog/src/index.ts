export * from './catalog.js';
export { openCatalog } from './open-catalog.js';
export type { CatalogOptions } from './open-catalog.js';
export * from './records.js';
export { everyRow } from './repositories/paging.js';
