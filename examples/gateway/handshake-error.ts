import type { ErrorShape } from '@openclaw/gateway-protocol';

/** Why a connect ends before anyone decides on it: what is answered, and the code that the socket is closed with. */
export class HandshakeError extends Error {
  override readonly name = 'HandshakeError';
  readonly answer: ErrorShape;
  readonly closeCode: number;

  constructor(answer: ErrorShape, closeCode = 1008) {
    super(answer.message);
    this.answer = answer;
    this.closeCode = closeCode;
  }
}

/** A refusal with one of the protocol's detail codes, by which clients choose what to do next. */
export function refused(message: string, detailCode: string): HandshakeError {
  return new HandshakeError({ code: 'INVALID_REQUEST', message, details: { code: detailCode } });
}
