const BUFFERS_LIMIT = 24 * 1024 * 1024;
/** More than any short work leaves, so that such a collection comes upon few of them. */
const OBJECTS_LIMIT = 32 * 1024 * 1024;
/** So much more than after the last release is worth another one. */
const RELEASE_FROM = 16 * 1024 * 1024;
/** Who gathers less than this in the time of so many looks is at rest. */
const RESTING = { looks: 10, bytes: 4 * 1024 * 1024 };
/** A release may turn out to free nothing. */
const LOOKS_BETWEEN_RELEASES = 60;
const LOOK_MS = 1_000;

export interface ProcessMemory {
  /** Bytes of buffers (outside of the heap), of objects (on it), both whether in use or not, and of all that the process has taken. */
  usage(): { buffers: number; objects: number; resident: number };
  /** Frees what is not in use, for further use. Nobody gets an answer for some 50 ms. */
  collect(): void;
  /** The same, and gives back to the system what is free. Nobody gets an answer for some 200 ms. */
  release(): void;
}

/**
 * Keeps garbage from gathering. V8 looks for old garbage only when 64 MB of buffers lie outside the heap, or when the heap
 * is three times as large as what is in use on it; and what is free then it keeps for itself, as with our flags nothing of it
 * shrinks the heap of a process at rest (ADR 24).
 */
export class Garbage {
  /** What was in use when it was last known. */
  private base: { buffers: number; objects: number };
  /** What the process had after the last release, or less. */
  private released: number;
  private window: { looks: number; objects: number };
  private sinceRelease = LOOKS_BETWEEN_RELEASES;

  constructor(private readonly memory: ProcessMemory) {
    const { buffers, objects, resident } = memory.usage();
    this.base = { buffers, objects };
    this.released = resident;
    this.window = { looks: 0, objects };
  }

  look(): void {
    const { buffers, objects, resident } = this.memory.usage();
    this.base = { buffers: Math.min(this.base.buffers, buffers), objects: Math.min(this.base.objects, objects) };
    this.released = Math.min(this.released, resident);
    this.sinceRelease += 1;
    if (this.comesToRest(objects) && this.isWorthIt(resident)) this.release();
    else if (buffers - this.base.buffers >= BUFFERS_LIMIT || objects - this.base.objects >= OBJECTS_LIMIT) {
      this.memory.collect();
      // Large rows may all be in use: it is their growth that counts from here on.
      this.base = this.memory.usage();
    }
  }

  private comesToRest(objects: number): boolean {
    this.window.looks += 1;
    if (this.window.looks < RESTING.looks) return false;
    const gathered = objects - this.window.objects;
    this.window = { looks: 0, objects };
    return Math.abs(gathered) < RESTING.bytes;
  }

  private isWorthIt(resident: number): boolean {
    return resident - this.released >= RELEASE_FROM && this.sinceRelease >= LOOKS_BETWEEN_RELEASES;
  }

  private release(): void {
    this.memory.release();
    const { buffers, objects, resident } = this.memory.usage();
    this.base = { buffers, objects };
    this.released = resident;
    this.window = { looks: 0, objects };
    this.sinceRelease = 0;
  }
}

/** For as long as the process lives, without keeping it alive. Needs `node --expose-gc`; else V8 does it in its own time. */
export function limitGarbage(everyMs = LOOK_MS): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const garbage = new Garbage({
    usage: () => {
      const { arrayBuffers: buffers, heapUsed: objects, rss: resident } = process.memoryUsage();
      return { buffers, objects, resident };
    },
    collect: () => {
      gc({ type: 'major', execution: 'sync' });
    },
    // No other kind of collection unmaps the pages that V8 has pooled.
    release: () => {
      gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
    },
  });
  setInterval(() => garbage.look(), everyMs).unref();
}
