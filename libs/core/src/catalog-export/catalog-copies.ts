import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catalog, CatalogRow } from '@app/catalog';
import { errorCodeOf, makeFolder, messageOf, SerialExecutor } from '@app/domain';
import type { Clock, ForeignReason, Logger } from '@app/domain';
import type { SigningKeys } from '@app/security';
import { PARTIAL_SUFFIX, replaceDurably, storageError } from '@app/storage';
import type { ArtifactStorage } from '@app/storage';
import { checkCopy, copyHeader, copyLines, copyRows } from './catalog-copy-file.js';

const COPY_NAME = /^catalog_([0-9a-f]{8})_(\d{8})\.jsonl$/;
const DEFAULT_DAYS = 14;
/** The age of a half-written file whose writer is surely gone, as no copy takes that long. */
const STALE_PARTIAL_MS = 3_600_000;

export interface CatalogCopiesParts {
  catalog: Catalog;
  /** The storage that has the copies. */
  storage: Pick<ArtifactStorage, 'prepare'>;
  /** The path of the folder in it. */
  folder: string;
  clock: Clock;
  logger: Logger;
  /** The keys for {@link CATALOG_COPY_PURPOSE}: without them anybody who can write into the storage could forge a copy (FAILURES 54). */
  keys: SigningKeys;
  /** For how many days the copies of a catalog are kept. Default: 14. */
  days?: number;
}

/** A copy that was read from its first byte to its last and is whole. */
export interface CatalogCopy {
  filename: string;
  catalogId: string;
  madeAt: Date;
  /** The number of rows in each table. */
  counts: Readonly<Record<string, number>>;
  /** Why it is not certain that this installation wrote it; undefined when it did. */
  foreign: ForeignReason | undefined;
  /** Reads the rows from the file once more. */
  rows(): AsyncIterable<CatalogRow>;
}

export interface ForeignCopies {
  acceptForeign?: boolean;
  onForeign?: (passedOver: { madeAt: Date; why: string }) => void;
}

const WHY_FOREIGN: Readonly<Record<ForeignReason, string>> = {
  unsigned: 'it is not signed',
  altered: 'it was altered after it was signed',
  other_installation: 'it was signed with another secret key',
};

/**
 * Writes and reads copies of the catalog in a folder of the default storage, with everything that no manifest tells. A catalog has one
 * copy for each day, which later ones of the same day replace. Secrets are sealed in them as they are in the catalog.
 */
export class CatalogCopies {
  private readonly folder: string;
  private readonly days: number;
  private readonly copying = new SerialExecutor();

  constructor(private readonly parts: CatalogCopiesParts) {
    this.folder = parts.folder;
    this.days = parts.days ?? DEFAULT_DAYS;
    if (!Number.isInteger(this.days) || this.days < 1) throw new RangeError('The last copy of the catalog is kept.');
  }

  /** Makes today's copy. Throws NO_SPACE, STORAGE_FAILED, or an error of the catalog; the earlier copy stays then. */
  copy(): Promise<void> {
    return this.copying.run(() => this.write());
  }

  /**
   * Returns the newest whole copy; undefined when there is none. It prefers copies of this catalog, or those of others. It skips
   * and logs a copy that is cut off or altered. It also skips one that this installation has not signed, unless `acceptForeign`,
   * and reports it to `onForeign`.
   */
  async newest(
    preferred: 'own' | 'others' = 'own',
    { acceptForeign = false, onForeign }: ForeignCopies = {},
  ): Promise<CatalogCopy | undefined> {
    const candidates: { filename: string; catalogId: string; madeAt: Date }[] = [];
    for (const { filename } of await this.files()) {
      const header = await copyHeader(join(this.folder, filename)).catch(() => undefined);
      if (header === undefined) this.passOver(filename, 'its first line is not that of a copy');
      else candidates.push({ filename, ...header });
    }
    const isFirst = ({ catalogId }: { catalogId: string }): boolean =>
      (catalogId === this.parts.catalog.id) === (preferred === 'own');
    candidates.sort((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || b.madeAt.getTime() - a.madeAt.getTime());
    for (const { filename, catalogId, madeAt } of candidates) {
      const path = join(this.folder, filename);
      try {
        const { counts, sha256, foreign } = await checkCopy(path, this.parts.keys);
        if (foreign === undefined || acceptForeign)
          return { filename, catalogId, madeAt, counts, foreign, rows: () => copyRows(path, sha256) };
        this.passOver(filename, WHY_FOREIGN[foreign]);
        onForeign?.({ madeAt, why: WHY_FOREIGN[foreign] });
      } catch (error) {
        this.passOver(filename, messageOf(error));
      }
    }
    return undefined;
  }

  private async write(): Promise<void> {
    const { catalog, clock } = this.parts;
    const now = clock.now();
    const filename = `catalog_${catalog.id.slice(0, 8)}_${dateOf(now)}.jsonl`;
    const path = join(this.folder, filename);
    try {
      await this.parts.storage.prepare();
      await makeFolder(this.folder);
      const lines = copyLines({ catalogId: catalog.id, madeAt: now }, catalog.exportRows(), this.parts.keys);
      await replaceDurably(path, `${path}.${randomUUID()}${PARTIAL_SUFFIX}`, lines);
    } catch (error) {
      throw storageError(error, 'copy the catalog');
    }
    await this.expire(filename);
  }

  /** Removes old copies by the days in their names, but not those of other catalogs. */
  private async expire(made: string): Promise<void> {
    const own = (await this.files()).filter(({ idStart }) => this.parts.catalog.id.startsWith(idStart));
    const others = own.filter(({ filename }) => filename !== made).toSorted((a, b) => (a.day < b.day ? 1 : -1));
    for (const { filename } of others.slice(this.days - 1)) await rm(join(this.folder, filename), { force: true });
    for (const name of await this.names()) {
      const path = join(this.folder, name);
      if (!name.startsWith('catalog_') || !name.endsWith(PARTIAL_SUFFIX)) continue;
      const age =
        Date.now() -
        (await stat(path)
          .then(({ mtimeMs }) => mtimeMs)
          .catch(() => Infinity));
      if (age > STALE_PARTIAL_MS) await rm(path, { force: true });
    }
  }

  private async files(): Promise<{ filename: string; idStart: string; day: string }[]> {
    return (await this.names()).flatMap((filename) => {
      const [, idStart, day] = COPY_NAME.exec(filename) ?? [];
      return idStart === undefined || day === undefined ? [] : [{ filename, idStart, day }];
    });
  }

  private async names(): Promise<string[]> {
    try {
      return await readdir(this.folder);
    } catch (error) {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw storageError(error, 'look for copies of the catalog');
    }
  }

  private passOver(filename: string, why: string): void {
    this.parts.logger.warn({ copy: filename }, `a copy of the catalog cannot be used: ${why}`);
  }
}

/** Returns the day in the local time of the process, as the names of backups have it. */
function dateOf(at: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}${two(at.getMonth() + 1)}${two(at.getDate())}`;
}
