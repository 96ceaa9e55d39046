/** Frames and parameters as the protocol's own validators let them through. */
import type { validateConnectParams, validateRequestFrame } from '@openclaw/gateway-protocol';

type Checked<Validator> = Validator extends (value: unknown) => value is infer Valid
  ? Valid
  : never;

export type RequestFrame = Checked<typeof validateRequestFrame>;
export type ConnectParams = Checked<typeof validateConnectParams>;
