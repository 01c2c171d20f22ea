import { createHash } from 'node:crypto';
import type { DbType, DumpFormat, FileCompression } from '@app/domain';
import type { DriverRegistry } from '@app/drivers';
import type { ArtifactStorage, BackupLocation, BackupLocations, StoredFile } from '@app/storage';
import { recordOfManifest } from './backup-record.js';
import type { BackupRecord } from './backup-record.js';
import { identifyDump } from './foreign-dump.js';
import { parseManifest } from './manifest.js';

/** Names that a dump made elsewhere usually has; anything else in the folder is none of our business. */
const DUMP_NAME = /\.(sql|dump|tar|backup|pgdump|custom)(\.(gz|zst))?$/i;
const SNIFFED_AT_MOST = 10_000;
/** Each has a file open, of which a process may not have any number. */
const READ_AT_ONCE = 32;

interface Sniffed {
  dbType?: DbType;
  format?: DumpFormat;
  compression?: FileCompression;
}

/** `at`: epoch milliseconds, since several backups can be of one second. */
interface Entry {
  at: number;
  record: BackupRecord;
}

/** What backups there are in a folder: ours by their manifests, and dumps that came from elsewhere. */
export class BackupListing {
  private readonly sniffed = new Map<string, Sniffed>();

  constructor(
    private readonly storage: ArtifactStorage,
    private readonly locations: BackupLocations,
    private readonly drivers: DriverRegistry,
  ) {}

  /** Newest first. LOCATION_NOT_FOUND or INVALID_PATH for a bad location; empty before the first backup. */
  async list(location?: string): Promise<BackupRecord[]> {
    const folder = await this.locations.forReading(location);
    if (folder === undefined) return [];
    const files = await this.storage.list(folder);
    const entries: (Entry | undefined)[] = [];
    for (let from = 0; from < files.length; from += READ_AT_ONCE) {
      const some = files.slice(from, from + READ_AT_ONCE);
      entries.push(...(await Promise.all(some.map((file) => this.entryOf(file, folder)))));
    }
    return entries
      .filter((entry) => entry !== undefined)
      .toSorted((a, b) => b.at - a.at || b.record.filename.localeCompare(a.record.filename))
      .map(({ record }) => record);
  }

  private async entryOf(file: StoredFile, location: BackupLocation): Promise<Entry | undefined> {
    const at = file.modifiedAt.getTime();
    const text = file.hasManifest ? await this.storage.readManifest(file.path) : undefined;
    if (text === undefined) {
      return DUMP_NAME.test(file.filename) ? { at, record: await this.foreignRecord(file, location) } : undefined;
    }
    const manifest = parseManifest(text);
    if (manifest !== undefined && manifest.artifact === file.filename) {
      return { at: Date.parse(manifest.started_at), record: recordOfManifest(manifest, file, location) };
    }
    const warnings = ['The manifest beside this file cannot be read or belongs to another file.'];
    return { at, record: { ...bareRecord(file, location), status: 'damaged', warnings } };
  }

  private async foreignRecord(file: StoredFile, location: BackupLocation): Promise<BackupRecord> {
    return { ...bareRecord(file, location), ...(await this.sniff(file)), status: 'foreign', warnings: [] };
  }

  /** Remembered per file and time of change, so that a list reads no file twice. */
  private async sniff(file: StoredFile): Promise<Sniffed> {
    const key = JSON.stringify([file.path, file.size, file.modifiedAt.getTime()]);
    const known = this.sniffed.get(key);
    if (known !== undefined) return known;
    const sniffed = await identifyDump(this.storage, file.path, this.drivers).catch((): Sniffed => ({}));
    if (this.sniffed.size >= SNIFFED_AT_MOST) this.sniffed.clear();
    this.sniffed.set(key, sniffed);
    return sniffed;
  }
}

function bareRecord(file: StoredFile, location: BackupLocation): Omit<BackupRecord, 'status' | 'warnings'> {
  return {
    // Stable across calls as long as the file keeps its name.
    id: `file-${createHash('sha256').update(file.filename).digest('hex').slice(0, 32)}`,
    filename: file.filename,
    path: location.display(file.filename),
    size: file.size,
    created: Math.floor(file.modifiedAt.getTime() / 1000),
  };
}
