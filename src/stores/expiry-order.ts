/** When things expire, so that nobody has to walk all of them to find those that have. */

const BUCKET_MS = 1000;

/** Ids in buckets of a second by when they expire. */
export class ExpiryOrder {
  readonly #buckets = new Map<number, Set<string>>();
  readonly #bucketOf = new Map<string, number>();
  /** No bucket is earlier. */
  #earliest = Number.POSITIVE_INFINITY;

  /** Notes when an id expires, in ms since the epoch; undefined where it never does, or is gone. */
  set(id: string, end: number | undefined): void {
    const before = this.#bucketOf.get(id);
    const bucket = end === undefined ? undefined : Math.floor(end / BUCKET_MS);
    if (before === bucket) return;
    if (before !== undefined) this.#drop(id, before);
    if (bucket === undefined) return;
    const ids = this.#buckets.get(bucket) ?? new Set();
    this.#buckets.set(bucket, ids.add(id));
    this.#bucketOf.set(id, bucket);
    this.#earliest = Math.min(this.#earliest, bucket);
  }

  /** The ids that have expired, and perhaps some that will within the second. */
  until(now: number): readonly string[] {
    const last = Math.floor(now / BUCKET_MS);
    if (last < this.#earliest) return [];
    const due: string[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [bucket, ids] of this.#buckets) {
      this.#earliest = Math.min(this.#earliest, bucket);
      if (bucket <= last) due.push(...ids);
    }
    return due;
  }

  #drop(id: string, bucket: number): void {
    this.#bucketOf.delete(id);
    const ids = this.#buckets.get(bucket);
    ids?.delete(id);
    if (ids?.size === 0) this.#buckets.delete(bucket);
  }
}
