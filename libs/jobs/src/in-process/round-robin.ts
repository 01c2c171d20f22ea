import { BinaryHeap } from './binary-heap.js';

/** A list whose first item is the next one, and moves to the end afterwards. It shifts without moving its other items. */
class Line {
  private items: string[] = [];
  private head = 0;

  first(): string | undefined {
    return this.items[this.head];
  }

  shift(): void {
    this.head += 1;
    if (this.head < 1_000 || this.head * 2 < this.items.length) return;
    this.items = this.items.slice(this.head);
    this.head = 0;
  }

  push(item: string): void {
    this.items.push(item);
  }
}

/** Takes items of several parties by round robin; each party's own items come in the order of `before`. */
export class RoundRobin<T> {
  private readonly line = new Line();
  private readonly parties = new Map<string, BinaryHeap<T>>();

  constructor(private readonly before: (a: T, b: T) => boolean) {}

  add(party: string, item: T): void {
    let items = this.parties.get(party);
    if (items === undefined) {
      items = new BinaryHeap(this.before);
      this.parties.set(party, items);
      this.line.push(party);
    }
    items.push(item);
  }

  /** Returns the next item that is `fit`. It also removes items that are not, which do not count for their party. */
  take(fit: (item: T) => boolean): T | undefined {
    for (let party = this.line.first(); party !== undefined; party = this.line.first()) {
      const items = this.parties.get(party);
      let item = items?.pop();
      while (item !== undefined && !fit(item)) item = items?.pop();
      this.line.shift();
      if (items !== undefined && items.size > 0) this.line.push(party);
      else this.parties.delete(party);
      if (item !== undefined) return item;
    }
    return undefined;
  }
}
