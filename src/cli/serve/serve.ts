/** `serve`: beside a running gateway, until it is told to end. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createLivePolicy,
  type DecisionLog,
  holdLock,
  type LimitFile,
  type LimitKeeper,
  openDecisionLog,
  openLimitFile,
  type StatusServer,
  startStatusServer,
} from '../../live/index.js';
import { PairPolicyError } from '../../model/index.js';
import { GatewayService, rehearse } from '../../openclaw/index.js';
import { ProblemList } from '../../policy/index.js';
import { DEFAULT_POLICIES } from '../command-options.js';
import { EXIT, type ExitCode } from '../exit-code.js';
import { createKnowledge } from '../gateway/create-knowledge.js';
import { openGateway } from '../gateway/open-gateway.js';
import { readMoment } from '../moment-options.js';
import { tellProblems } from '../stores/tell-problems.js';
import type { Terminal } from '../terminal.js';
import { Notifier } from './notify.js';
import type { ServeOptions } from './serve-options.js';
import { ServeReport } from './serve-report.js';

/** Closes what was opened, the last first. */
type Closing = (() => Promise<unknown> | unknown)[];

/** Serves until SIGINT or SIGTERM. */
export async function serve(options: ServeOptions, terminal: Terminal): Promise<ExitCode> {
  const closing: Closing = [];
  const interrupt = new AbortController();
  const ended = untilInterrupted(terminal, interrupt, closing);
  let lose: (error: PairPolicyError) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  // It may come while we still wait for the gateway.
  lost.catch(() => undefined);
  try {
    await start(options, terminal, closing, interrupt.signal, lose);
    await Promise.race([ended, lost]);
    return EXIT.fine;
  } catch (error) {
    // Whoever interrupts it while it waits for the gateway has what they want.
    if (interrupt.signal.aborted) return EXIT.fine;
    throw error;
  } finally {
    for (const close of closing.reverse()) await close();
  }
}

async function start(
  options: ServeOptions,
  terminal: Terminal,
  closing: Closing,
  signal: AbortSignal,
  onLost: (error: PairPolicyError) => void,
): Promise<void> {
  const report = new ServeReport(options, terminal);
  const ownAddresses = readOwnAddresses(options);
  const policy = await createLivePolicy(options.policy ?? [DEFAULT_POLICIES]);
  closing.push(() => policy.close());
  report.policy(policy);
  await rehearse(policy.current, () => signal.aborted);
  let service: GatewayService | undefined;
  // The gateway may come later than we do.
  report.connecting(options.gateway);
  const { link, store, folder } = await openGateway(options, terminal, {
    waits: true,
    signal,
    onMissed: (error) => report.missed(error),
    onBlocksChange: () => void service?.agent.considerAll(),
  });
  closing.push(() => store.close());
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const onProblem = (problem: Parameters<typeof tellProblems>[0][number]) =>
    tellProblems([problem], terminal);
  // Two beside one gateway would decide everything twice, and each count its own limits.
  closing.push(await holdLock(join(folder, 'serve'), onLost));
  const limits = await openLimitFile(join(folder, 'limits.json'), { onProblem });
  closing.push(() => limits.close());
  const log = await openDecisionLog(join(folder, 'decisions.jsonl'), { onProblem });
  closing.push(() => log.close());
  const status =
    options.statusPort === undefined
      ? undefined
      : await startStatusServer({
          port: options.statusPort,
          ...{ policy, store, log, limits },
          gateway: () => (link.hello ? undefined : `there is no connection to ${link.url}`),
        });
  if (status) {
    closing.push(() => status.close());
    report.status(status.url);
  }
  const knowledge = createKnowledge(options, link, ownAddresses, terminal);
  closing.push(() => knowledge.close());
  service = new GatewayService({
    link,
    store,
    knowledge,
    policy,
    limits: whileWritable(limits),
    log: measured(log, status),
    shadow: options.shadow === true,
    onAdmission: (admission) => report.admitted(admission, begun),
    now: () => terminal.now(),
  });
  const begun = service;
  closing.push(() => begun.close());
  report.gateway(link, knowledge);
  report.service(service, store);
  notifyOf(options, service, report);
  await service.start();
}

function untilInterrupted(
  { onInterrupt }: Terminal,
  interrupt: AbortController,
  closing: Closing,
): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      interrupt.abort();
      resolve();
    };
    if (onInterrupt) closing.push(onInterrupt(end));
  });
}

/** A limit that cannot be written down would be given away again after a restart: then it cannot be told. */
function whileWritable(limits: LimitFile): LimitKeeper {
  return {
    approvals: (rule, key) => (limits.problem ? undefined : limits.approvals(rule, key)),
    charge: (charge, limit) => limits.charge(charge, limit),
  };
}

/** What is decided is counted too, where somebody asks. */
function measured(log: DecisionLog, status: StatusServer | undefined): DecisionLog {
  return {
    decided(entry) {
      status?.meter.count(entry.decision);
      log.decided(entry);
    },
  };
}

function notifyOf(options: ServeOptions, service: GatewayService, report: ServeReport): void {
  const targets = { hold: options.onHold, deny: options.onDeny } as const;
  for (const action of ['hold', 'deny'] as const) {
    const target = targets[action];
    if (target === undefined) continue;
    const notifier = new Notifier(target, (message) => report.notice(message));
    service.agent.on('decided', ({ request, record, decision }) => {
      if (decision.action !== action) return;
      notifier.tell({ requestId: request.requestId, record, decision });
    });
  }
}

function readOwnAddresses(options: ServeOptions): readonly string[] | undefined {
  const problems = new ProblemList();
  const { ownAddresses } = readMoment(options, problems);
  if (problems.hasErrors()) throw new PairPolicyError(problems.sorted());
  return ownAddresses;
}
