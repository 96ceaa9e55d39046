/** What a connected client may call. */
import { type OwnPairingStore, PairPolicyError } from 'pair-policy';
import { type Method, MethodError } from './method.js';
import { NODE_METHODS } from './node-methods.js';
import { PAIRING_METHODS } from './pairing-methods.js';
import type { Session } from './session.js';

const METHODS: ReadonlyMap<string, Method> = new Map(
  Object.entries({ ...PAIRING_METHODS, ...NODE_METHODS }),
);

export const METHOD_NAMES: readonly string[] = [...METHODS.keys()];

/** Does what a connected client asks for; rejects with a MethodError where it may not or cannot. */
export async function callMethod(
  name: string,
  params: unknown,
  session: Session,
  store: OwnPairingStore,
): Promise<object> {
  const method = METHODS.get(name);
  if (!method) throw new MethodError('INVALID_REQUEST', `unknown method: ${name}`);
  const denial = method.denies(session);
  if (denial !== undefined) throw new MethodError('FORBIDDEN', denial);
  if (!method.isValid(params)) throw new MethodError('INVALID_REQUEST', `invalid ${name} params`);
  try {
    return await method.run(params, session, store);
  } catch (error) {
    if (error instanceof PairPolicyError) throw new MethodError('INVALID_REQUEST', error.message);
    throw error;
  }
}
