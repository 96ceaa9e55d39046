/** What `check` can print. */
export const CHECK_FORMATS = ['human', 'json', 'github', 'sarif'] as const;

/** What can be said on the command line. */
export interface CheckOptions {
  readonly format: (typeof CHECK_FORMATS)[number];
  readonly fix?: true;
  readonly strict?: true;
}
