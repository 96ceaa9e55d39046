import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Seat, WaitingRoom } from '../../src/live/waiting-room.js';

const CAPS = { maxWaiting: 8, maxWaitingPerAddress: 5 };

/** Who should be in the room, kept as plainly as can be. */
class PlainRoom {
  readonly seated = new Map<Seat, string>();
  readonly #room = new WaitingRoom(CAPS);

  countOf(address: string): number {
    return [...this.seated.values()].filter((other) => other === address).length;
  }

  get heaviest(): number {
    return Math.max(0, ...[...this.seated.values()].map((address) => this.countOf(address)));
  }

  leave(which: number): void {
    const seat = [...this.seated.keys()][which % Math.max(1, this.seated.size)];
    if (!seat) return;
    this.#room.leave(seat);
    this.seated.delete(seat);
  }

  async enter(address: string): Promise<void> {
    const [count, { heaviest }] = [this.countOf(address), this];
    const isFull = this.seated.size === CAPS.maxWaiting;
    const entered = this.#room.enter('device', address);
    const mayEnter = count < CAPS.maxWaitingPerAddress && (!isFull || heaviest > count + 1);
    expect(entered !== undefined).toBe(mayEnter);
    if (!entered) return;
    const gone: Seat[] = [];
    for (const seat of this.seated.keys()) void seat.next().then(() => gone.push(seat));
    await Promise.resolve();
    expect(gone).toHaveLength(isFull ? 1 : 0);
    for (const seat of gone) {
      const owner = this.seated.get(seat) ?? '';
      expect(this.countOf(owner)).toBe(heaviest);
      // The one that has waited longest.
      expect([...this.seated].find(([, other]) => other === owner)?.[0]).toBe(seat);
      this.seated.delete(seat);
    }
    this.seated.set(entered, address);
    expect(this.#room.size).toBe(this.seated.size);
  }
}

describe('the waiting room', () => {
  it('never holds more than it may, and an address with few keeps its seats', async () => {
    const step = fc.record({
      address: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      leaves: fc.boolean(),
      which: fc.nat(),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 100 }), async (steps) => {
      const room = new PlainRoom();
      for (const { address, leaves, which } of steps) {
        if (leaves && which % 3 === 0) room.leave(which);
        else await room.enter(address);
      }
    });
    await fc.assert(property);
  });

  it('an end comes before a change, and comes again', async () => {
    const seat = new WaitingRoom({ maxWaiting: 1, maxWaitingPerAddress: 1 }).enter('d', 'a');
    seat?.change();
    seat?.end('time');
    seat?.end('closing');
    expect([await seat?.next(), await seat?.next()]).toEqual(['time', 'time']);
  });

  it('a change while nobody listens is told at the next time, once', async () => {
    const room = new WaitingRoom({ maxWaiting: 1, maxWaitingPerAddress: 1 });
    const seat = room.enter('d', 'a');
    room.changed(['d', 'other']);
    room.changed(['d']);
    expect(await seat?.next()).toBe('changed');
    const next = seat?.next();
    seat?.end('aborted');
    expect(await next).toBe('aborted');
  });

  it('wakes a few at a time, and all in the end', async () => {
    const room = new WaitingRoom({ maxWaiting: 99, maxWaitingPerAddress: 99, wakeAtOnce: 10 });
    const seats = Array.from({ length: 35 }, (_, i) => room.enter(`${i}`, 'a'));
    let woken = 0;
    const all = seats.map(async (seat) => {
      expect(await seat?.next()).toBe('changed');
      woken += 1;
    });
    room.changedForAll();
    await Promise.resolve();
    await Promise.resolve();
    expect(woken).toBe(10);
    await Promise.all(all);
  });
});
