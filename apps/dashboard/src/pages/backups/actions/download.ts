import type { Backup } from '../backup-words.js';

/** A plain link: the browser shows how far it is, and takes up again what broke off. */
export const downloadOf = ({ id, filename }: Backup) => ({
  href: `/api/backups/${encodeURIComponent(id)}/download`,
  download: filename,
});
