// The laws of the folders under src/. Each carries its reason; test/architecture/laws.test.ts proves that each bites.

/** Which folders a folder may import, by their index.ts. Arrows point up this list only. */
const mayImport = {
  model: [],
  policy: ['model'],
  engine: ['model', 'policy'],
  live: ['model', 'policy', 'engine'],
  // The adapters: they never import each other. Those that keep devices fulfil a contract of live.
  stores: ['model', 'policy', 'engine', 'live'],
  openclaw: ['model', 'policy', 'engine', 'live'],
  simulate: ['model', 'policy', 'engine', 'live'],
  cli: ['model', 'policy', 'engine', 'live', 'stores', 'openclaw', 'simulate'],
};

/** The only files that may touch the disk: those that read policies and recordings, keep stores and write logs. */
const diskFiles = [
  '^src/policy/read-policy-files[.]ts$',
  '^src/simulate/read-recording[.]ts$',
  '^src/live/',
  '^src/stores/',
  '^src/openclaw/follow-gateway-log[.]ts$',
  '^src/cli/',
];

/**
 * The only files that may start another program (git, for the policy as it was) or a thread (large policies are checked
 * in one, so that decisions never wait for it).
 */
const childProcessFiles = ['^src/cli/', '^src/live/prepare/'];

/** The only files that may talk over the network. */
const networkFiles = [
  '^src/openclaw/',
  '^src/cli/',
  // Metrics and health are asked for over HTTP, and it is asked nothing that a decision waits for.
  '^src/live/status-server[.]ts$',
];

/** Node's modules that compute and reach nothing outside; all that model, policy and engine may use. */
const pureModules = ['buffer', 'crypto', 'path', 'url', 'util'];

const pureFolders = '^src/(model|policy|engine)/';

/** A pattern for modules of Node, with or without `node:`, and with what is under them (`fs/promises`). */
const core = (...names) => `^(node:)?(${names.join('|')})(/|$)`;

const folderLaws = Object.entries(mayImport).map(([folder, above]) => ({
  name: `arrows-point-up-from-${folder}`,
  comment:
    `${folder} may import ${above.length === 0 ? 'no other folder' : above.join(', ')}: what is lower is easier to ` +
    'change than what is above it, and a part can be understood, tested and replaced without what is built on it.',
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: [folder, ...above].map((name) => `^src/${name}/`) },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    ...folderLaws,
    {
      name: 'every-folder-has-its-place',
      comment:
        'A folder that is in no list above would be under no law. Give it a place in mayImport.',
      severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(mayImport).map((name) => `^src/${name}/`) },
      to: {},
    },
    {
      name: 'nobody-imports-past-an-index',
      comment:
        'A folder is a deep module behind a narrow index.ts. Whoever imports past it makes an inner file public, and ' +
        'it can no longer be changed. Tests may.',
      severity: 'error',
      from: { path: '^src/([^/]+)/' },
      to: { path: '^src/[^/]+/', pathNot: ['^src/$1/', '^src/[^/]+/index[.]ts$'] },
    },
    {
      name: 'the-library-imports-by-index',
      comment:
        'src/index.ts names what the package offers; it takes it from the folders as everybody does.',
      severity: 'error',
      from: { path: '^src/[^/]+[.]ts$' },
      to: { path: '^src/[^/]+/', pathNot: '^src/[^/]+/index[.]ts$' },
    },
    {
      name: 'the-library-is-without-the-command-line',
      comment:
        'A gateway that imports the package must not load what parses arguments and ends the process.',
      severity: 'error',
      from: { path: '^src/[^/]+[.]ts$' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'only-listed-files-touch-the-disk',
      comment:
        'A decision must not depend on what lies on a disk, nor wait for it, and all that can fail with a missing or ' +
        'half-written file must be easy to find. A new such file is named in diskFiles.',
      severity: 'error',
      from: { path: '^src/', pathNot: diskFiles },
      to: { path: core('fs') },
    },
    {
      name: 'only-listed-files-start-programs',
      comment:
        'Another program is slow, may be missing and may be made to run something else. Named in childProcessFiles.',
      severity: 'error',
      from: { path: '^src/', pathNot: childProcessFiles },
      to: { path: core('child_process', 'worker_threads', 'cluster') },
    },
    {
      name: 'only-listed-files-use-the-network',
      comment:
        'Only the parts that talk to a gateway, or tell how it fares, can be slow or cut off by the network. Named in ' +
        'networkFiles.',
      severity: 'error',
      // model takes isIP from node:net, which computes and opens nothing.
      from: { path: '^src/', pathNot: networkFiles },
      to: {
        path: core('net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns'),
        pathNot: core('net'),
      },
    },
    {
      name: 'only-listed-files-open-sockets',
      comment:
        'As above. In model, node:net is there for isIP alone, which computes and opens nothing.',
      severity: 'error',
      from: { path: '^src/', pathNot: [...networkFiles, '^src/model/'] },
      to: { path: core('net') },
    },
    {
      name: 'deciding-is-pure',
      comment:
        'The same record, policy and context must give the same decision, on every machine and in every replay. So ' +
        'model, policy and engine take the time, the addresses and the files from their caller.',
      severity: 'error',
      // One of them loads a package when it is first needed, and nothing else.
      from: { path: pureFolders, pathNot: '^src/policy/yaml-package[.]ts$' },
      // The disk and net have their own laws above, with their own exceptions.
      to: { dependencyTypes: ['core'], pathNot: core(...pureModules, 'fs', 'net') },
    },
    {
      name: 'only-the-command-line-knows-the-process',
      comment:
        'Arguments, environment, terminal and exit code belong to the program, never to the library.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: core('process', 'readline', 'tty', 'repl') },
    },
    {
      name: 'options-load-no-command',
      comment:
        'Each start of the program reads the options of all commands. What does the work of one is loaded when it runs, ' +
        'else a short command waits for all of them.',
      severity: 'error',
      from: {
        path: '^src/cli/(main|run|program|command-options|[^/]+/[^/]+-(command|options))[.]ts$',
      },
      to: {
        path: '^src/(policy|engine|live|stores|openclaw|simulate)/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-cycles',
      comment:
        'In a cycle there is no order in which to read, to test or to load the parts. Types count as well.',
      severity: 'error',
      from: { path: '^(src|test|scripts|examples)/' },
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'A file that imports nothing and that nothing imports is not part of the program.',
      severity: 'error',
      from: { orphan: true, path: '^src/', pathNot: '^src/(index|cli/main)[.]ts$' },
      to: {},
    },
    {
      name: 'source-knows-no-tests',
      comment:
        'Tests, scripts and examples are not in the package; a source that imports them breaks where it is installed.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench|examples)/' },
    },
    {
      name: 'examples-import-the-package',
      comment:
        'An example is there to be copied: what it takes from elsewhere than the package nobody else has.',
      severity: 'error',
      from: { path: '^examples/' },
      to: { path: '^(src|test|scripts|bench)/', pathNot: '^src/index[.]ts$' },
    },
    {
      name: 'the-reference-shares-no-code',
      comment:
        'The plain interpreter is what the engine is compared with. A mistake in shared code would be in both, and the ' +
        'comparison would not see it.',
      severity: 'error',
      from: { path: '^test/reference/', pathNot: '[.]test[.]ts$' },
      to: { path: '^src/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-development-dependencies',
      comment:
        'They are not installed with the package: the import works here and fails at the user.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev'], pathNot: 'node_modules/@types/' },
    },
    {
      name: 'no-undeclared-dependencies',
      comment:
        'A package that is there only because another one needs it goes when that one changes.',
      severity: 'error',
      from: { path: '^(src|test|scripts|examples)/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'every-import-is-found',
      comment: 'An import that leads nowhere escapes all the other laws.',
      severity: 'error',
      from: { path: '^(src|test|scripts|examples)/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Types are dependencies too: a folder that needs another one's types cannot be understood without it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
