import type { ErrorShape } from '@openclaw/gateway-protocol';
import type { OwnPairingStore } from 'pair-policy';
import type { Session } from './session.js';

/** A method that a connected client may call. */
export interface Method {
  /** Why this session may not call it; undefined where it may. */
  readonly denies: (session: Session) => string | undefined;
  readonly isValid: (params: unknown) => boolean;
  readonly run: (params: unknown, session: Session, store: OwnPairingStore) => Promise<object>;
}

/** Why a method did not do what it was asked. */
export class MethodError extends Error {
  override readonly name = 'MethodError';
  readonly answer: ErrorShape;

  constructor(code: 'FORBIDDEN' | 'INVALID_REQUEST', message: string) {
    super(message);
    this.answer = { code, message };
  }
}
