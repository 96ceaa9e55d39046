/** What a thread of a replay does with the messages that it gets. */
import type { MessagePort } from 'node:worker_threads';
import { compilePolicy } from '../../engine/index.js';
import type { Policy } from '../../policy/index.js';
import { type BlockOrder, PartReplay, type ReplayWay } from './replay-part.js';

/** What a thread is started with. */
export interface ThreadStart {
  readonly policy: Policy;
  readonly against: Policy | undefined;
  readonly way: ReplayWay;
  /** The memory in which it finds its blocks. */
  readonly slots: readonly SharedArrayBuffer[];
}

/** A block in one of the slots; without one, the thread is to end. */
export interface ThreadOrder extends BlockOrder {
  readonly slot: number;
  readonly bytes: number;
}

/** Answers each order with what became of its block, in order, and the last one, `null`, with what is left. */
export function serveReplay(
  port: Pick<MessagePort, 'on' | 'postMessage'>,
  { policy, against, way, slots }: ThreadStart,
): void {
  const policies = {
    policy: compilePolicy(policy),
    against: against && compilePolicy(against),
  };
  const replay = new PartReplay(policies, way, true);
  const buffers = slots.map((slot) => Buffer.from(slot));
  port.on('message', (order: ThreadOrder | null) => {
    if (!order) {
      port.postMessage(replay.finish());
      return;
    }
    const bytes = buffers[order.slot]?.subarray(0, order.bytes);
    const replayed = replay.replay({ bytes, ended: true }, order);
    port.postMessage({ ...replayed, part: replay.takePart() });
  });
}
