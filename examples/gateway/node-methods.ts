/** What a node calls by itself, as soon as it is connected. */
import { type NodeEventResult, validateNodeEventParams } from '@openclaw/gateway-protocol';
import type { Method } from './method.js';

export const NODE_METHODS: Readonly<Record<string, Method>> = {
  'node.event': {
    denies: ({ role }) => (role === 'node' ? undefined : `unauthorized role: ${role}`),
    isValid: validateNodeEventParams,
    run: leaveEvent,
  },
};

/** Takes note that something happened at the node, and does nothing: there is nobody here to tell. */
async function leaveEvent(params: unknown): Promise<NodeEventResult> {
  const { event } = params as { readonly event: string };
  return { ok: true, event, handled: false, reason: 'unsupported_event' };
}
