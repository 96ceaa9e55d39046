/** `record`: connects as they come, or as a log tells of them. */
import { once } from 'node:events';
import { openRecordingFile, type RecordingFile } from '../../live/index.js';
import { PairPolicyError, startOf } from '../../model/index.js';
import { type GatewayLink, type GatewayStore, Recorder } from '../../openclaw/index.js';
import { ProblemList } from '../../policy/index.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { createKnowledge } from '../gateway/create-knowledge.js';
import { openGateway } from '../gateway/open-gateway.js';
import { readMoment } from '../moment-options.js';
import { plural } from '../render/show-value.js';
import { tellProblems } from '../stores/tell-problems.js';
import { type Terminal, write } from '../terminal.js';
import { recordFromLog } from './record-from-log.js';
import type { RecordOptions } from './record-options.js';

const MIB = 1024 * 1024;
const SWEEP_EVERY_MS = 15_000;

/** Records until it is interrupted, or until the log is read. */
export async function record(options: RecordOptions, terminal: Terminal): Promise<ExitCode> {
  const { output, gateway, fromLog } = options;
  const problems = new ProblemList();
  const { ownAddresses } = readMoment(options, problems);
  if ((gateway === undefined) === (fromLog === undefined)) {
    const hint = 'say either `--gateway URL` or `--from-log FILE`';
    problems.error('ARGUMENT', startOf('record'), 'it is not said what to record', hint);
  }
  if (gateway !== undefined && output === undefined) {
    const hint = 'say where to: `-o connects.jsonl`';
    problems.error('ARGUMENT', startOf('record'), 'no file is named', hint);
  }
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  const file = output === undefined ? undefined : await openFile(output, options, terminal);
  try {
    if (fromLog) return await recordFromLog(fromLog, file, options, terminal);
    if (!file || gateway === undefined) return EXIT.badInput;
    return await recordLive({ ...options, gateway }, file, ownAddresses, terminal);
  } finally {
    await file?.close();
  }
}

function openFile(
  path: string,
  { maxSize }: RecordOptions,
  terminal: Terminal,
): Promise<RecordingFile> {
  return openRecordingFile(path, {
    ...(maxSize !== undefined && { maxBytes: maxSize * MIB }),
    onProblem: (problem) => tellProblems([problem], terminal),
  });
}

async function recordLive(
  options: RecordOptions & { readonly gateway: string },
  file: RecordingFile,
  ownAddresses: readonly string[] | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const interrupted = once(signal, 'abort');
  const stopListening = terminal.onInterrupt?.(() => interrupt.abort());
  try {
    const onMissed = untilOther((error) => tellProblems(error.problems, terminal));
    const { link, store } = await openGateway(options, terminal, {
      waits: true,
      signal,
      onMissed,
    });
    return await recordUntil(interrupted, options, { link, store, file }, ownAddresses, terminal);
  } catch (error) {
    if (signal.aborted) return EXIT.fine;
    throw error;
  } finally {
    stopListening?.();
  }
}

/** Tells each reason once, until it is another. */
function untilOther(tell: (error: PairPolicyError) => void): (error: PairPolicyError) => void {
  let before: string | undefined;
  return (error) => {
    if (error.message === before) return;
    before = error.message;
    tell(error);
  };
}

interface Recording {
  readonly link: GatewayLink;
  readonly store: GatewayStore;
  readonly file: RecordingFile;
}

async function recordUntil(
  interrupted: Promise<unknown>,
  options: RecordOptions,
  { link, store, file }: Recording,
  ownAddresses: readonly string[] | undefined,
  terminal: Terminal,
): Promise<ExitCode> {
  const knowledge = createKnowledge(options, link, ownAddresses, terminal);
  const recorder = new Recorder({
    store,
    knowledge,
    now: () => terminal.now(),
    write: (line) => {
      file.write(line);
      tell(line, options, terminal);
    },
  });
  // A gateway that is away is swept again when it is back.
  const sweep = () => void recorder.sweep().catch(() => undefined);
  const stop = link.on('up', (hello) => void knowledge.learn(hello).then(sweep));
  const sweeping = setInterval(sweep, SWEEP_EVERY_MS);
  try {
    if (link.hello) await knowledge.learn(link.hello);
    sweep();
    terminal.stderr.write(`recording to ${options.output}; Ctrl-C ends\n`);
    await interrupted;
  } finally {
    clearInterval(sweeping);
    stop();
    recorder.close();
    await knowledge.close();
    await store.close();
  }
  const open = recorder.open === 0 ? '' : `; ${plural(recorder.open, 'request')} still waited`;
  terminal.stderr.write(`${plural(file.written, 'connect')} recorded${open}\n`);
  return file.problem ? EXIT.badInput : EXIT.fine;
}

function tell(
  line: Parameters<RecordingFile['write']>[0],
  { format }: RecordOptions,
  terminal: Terminal,
): void {
  const { record: connect, outcome } = line;
  const { requestId, deviceId } = connect;
  void write(
    terminal.stdout,
    format === 'json'
      ? `${JSON.stringify({ requestId, deviceId, outcome })}\n`
      : `${outcome} ${requestId} (${deviceId?.slice(0, 12)})\n`,
  );
}
