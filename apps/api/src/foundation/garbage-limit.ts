const LIMIT_BYTES = 8 * 1024 * 1024;
const LOOK_MS = 1_000;

export interface Memory {
  /** Bytes of all objects and buffers, in use or not. */
  used(): number;
  /** Frees those that are not. */
  collect(): void;
}

/**
 * Keeps what a large dump leaves behind from gathering: what was on its way when young garbage was collected is old. V8 looks
 * for that when the heap has nearly doubled, or 64 MB of buffers lie outside, and gives little of it back (ADR 24).
 */
export class GarbageLimit {
  /** What was in use when it was last known. */
  private base = 0;

  constructor(private readonly memory: Memory) {}

  look(): void {
    const used = this.memory.used();
    this.base = Math.min(this.base, used);
    if (used - this.base < LIMIT_BYTES) return;
    this.memory.collect();
    // Large rows may all be in use: it is growth that counts from here on.
    this.base = this.memory.used();
  }
}

/** For as long as the process lives, without keeping it alive. Needs `node --expose-gc`; else V8 does it in its own time. */
export function limitGarbage(): void {
  const { gc } = globalThis;
  if (gc === undefined) return;
  const limit = new GarbageLimit({
    used() {
      const { heapUsed, external } = process.memoryUsage();
      return heapUsed + external;
    },
    collect: () => {
      gc({ type: 'major', execution: 'sync' });
    },
  });
  setInterval(() => limit.look(), LOOK_MS).unref();
}
