/** The exit codes of every command. */
export const EXIT = {
  /** All is well. */
  fine: 0,
  /** The check failed: an expectation, a test, a lint error, a change that was not allowed. */
  failed: 1,
  /** Bad input: policy, recording, arguments. */
  badInput: 2,
  /** The gateway could not be reached or refused us. */
  gateway: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
