/** What `test` can print. */
export const TEST_FORMATS = ['human', 'json', 'junit', 'github'] as const;

/** What can be said on the command line. */
export interface TestOptions {
  readonly format: (typeof TEST_FORMATS)[number];
  readonly coverage?: true;
  readonly minCoverage?: number;
}
