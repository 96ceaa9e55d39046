/** What `init` can print. */
export const INIT_FORMATS = ['human', 'json'] as const;

/** What can be said on the command line, as it was said. */
export interface InitOptions {
  readonly dir: string;
  readonly format: (typeof INIT_FORMATS)[number];
  readonly loopback?: boolean;
  readonly tailnet?: true;
  readonly office?: readonly string[];
  readonly blockList?: true | readonly string[];
  readonly fromRecording?: readonly string[];
  readonly ownAddress?: readonly string[];
  readonly given?: readonly string[];
  readonly yes?: true;
}
