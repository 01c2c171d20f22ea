const LIMIT_BYTES = 24 * 1024 * 1024;
const LOOK_MS = 1_000;

export interface BufferMemory {
  /** Bytes of all buffers, in use or not. */
  used(): number;
  /** Frees those that are not. Nobody gets an answer for some 50 ms. */
  collect(): void;
}

/**
 * Keeps the buffers that a large dump leaves behind from gathering. What was on its way when young garbage was collected is
 * old, and V8 looks for that when 64 MB of it lie outside the heap (ADR 24): more than the service may grow by.
 */
export class OldBuffers {
  /** What was in use when it was last known. */
  private base: number;

  constructor(private readonly memory: BufferMemory) {
    this.base = memory.used();
  }

  look(): void {
    const used = this.memory.used();
    this.base = Math.min(this.base, used);
    if (used - this.base < LIMIT_BYTES) return;
    this.memory.collect();
    // Large rows may all be in use: it is their growth that counts from here on.
    this.base = this.memory.used();
  }
}

/** For as long as the process lives, without keeping it alive. Needs `node --expose-gc`; else V8 does it in its own time. */
export function limitOldBuffers(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const buffers = new OldBuffers({
    used: () => process.memoryUsage().arrayBuffers,
    collect: () => {
      gc({ type: 'major', execution: 'sync' });
    },
  });
  setInterval(() => buffers.look(), LOOK_MS).unref();
}
