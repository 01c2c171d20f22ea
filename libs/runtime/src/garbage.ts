const BUFFERS_LIMIT = 24 * 1024 * 1024;
/** More than a short request or backup leaves behind, so that few of these are delayed by a collection. */
const OBJECTS_LIMIT = 32 * 1024 * 1024;
/** A release is worth its time when the process has taken this much more than after the last one. */
const RELEASE_FROM = 16 * 1024 * 1024;
/** The process is at rest when its heap has changed by less than this within so many looks. */
const RESTING = { looks: 10, bytes: 4 * 1024 * 1024 };
/** A release may turn out to free nothing. */
const LOOKS_BETWEEN_RELEASES = 60;
const LOOK_MS = 1_000;

export interface ProcessMemory {
  /** Bytes of buffers (outside of the heap) and of objects (on it), in use or not, and all that the process has taken from the system. */
  usage(): { buffers: number; objects: number; resident: number };
  /** Frees what is not in use, but keeps the memory for later. Stops the process for some 50 ms. */
  collect(): void;
  /** The same, and gives the free memory back to the system. Stops the process for some 200 ms. */
  release(): void;
}

/**
 * Keeps garbage from gathering. V8 looks for old garbage only when 64 MB of buffers lie outside the heap, or when the heap
 * is three times as large as what is in use on it. It keeps the memory that is free then: with our flags it does not shrink the
 * heap of a process at rest (ADR 24).
 */
export class Garbage {
  /** The memory in use when it was last known. */
  private base: { buffers: number; objects: number };
  /** The least that the process had since the last release. */
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
