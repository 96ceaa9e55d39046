/** The replay of single blocks of recordings, on whichever thread; what they come to is put together elsewhere. */
import type { CompiledPolicy } from '../../engine/index.js';
import type { Decision, Problem } from '../../model/index.js';
import {
  type Block,
  type ConnectLine,
  ConnectScanner,
  type LineSink,
  RecordingReplay,
  type ReplayedConnect,
  type ReplaySetup,
  type ReplayTools,
  rememberLines,
  Simulation,
  type SimulationPart,
  type Totals,
} from '../../simulate/index.js';
import { renderJsonLine } from '../render/render-json.js';

/** How a replay is done, in a form that can be sent to a thread. */
export interface ReplayWay {
  readonly setup: ReplaySetup;
  /** Whether each decision is printed as a line, and nothing is looked at in detail. */
  readonly printsLines: boolean;
  readonly isStrict: boolean;
}

/** The policies of a replay. */
export interface ReplayPolicies {
  readonly policy: CompiledPolicy;
  readonly against: CompiledPolicy | undefined;
}

/** Lines of a recording that are replayed by themselves. */
export interface BlockOrder {
  /** Which block of all it is. */
  readonly number: number;
  readonly file: string;
  /** The number of the line before; 0 where only their order is known yet. */
  readonly line: number;
}

/** What became of a block. */
export interface BlockPart {
  /** Absent where there is one simulation for all. */
  readonly part?: SimulationPart;
  readonly lines: number;
  /** What is printed for its lines. */
  readonly text: string;
}

/** What is left to be counted when all blocks are replayed. */
export interface LastPart {
  readonly part: SimulationPart;
  readonly totals: Totals;
}

/** Replays blocks. */
export class PartReplay {
  readonly #tools: ReplayTools;
  readonly #sink: ReplaySink;

  /** `isPart`: other threads replay other blocks. */
  constructor(
    { policy, against }: ReplayPolicies,
    { setup, printsLines, isStrict }: ReplayWay,
    isPart: boolean,
  ) {
    const policies = against ? [policy, against] : [policy];
    const options = { ...setup, against, inDetail: !printsLines, isPart };
    const simulation = new Simulation(policy, options);
    const documents = policies.map((one) => one.policy);
    this.#sink = new ReplaySink(simulation, printsLines, isStrict);
    this.#tools = {
      simulation,
      scanner: new ConnectScanner(setup, documents),
      sink: this.#sink,
      remembered: rememberLines(simulation, policies, setup),
    };
  }

  /** Replays a block. */
  replay(block: Block, { number, file, line }: BlockOrder): Omit<BlockPart, 'part'> {
    const { simulation } = this.#tools;
    simulation.beginBlock(number);
    const replay = new RecordingReplay(file, this.#tools, line);
    replay.replay(block);
    return { lines: replay.line - line, text: this.#sink.take() };
  }

  /** What is told of the blocks since this was last asked for. */
  takePart(): SimulationPart {
    return this.#tools.simulation.takePart();
  }

  /** The simulation, with what was put off counted. */
  settled(): Simulation {
    const { simulation, remembered } = this.#tools;
    remembered?.settle();
    return simulation;
  }

  /** What is left to be counted. */
  finish(): LastPart {
    const simulation = this.settled();
    return { part: simulation.takePart(), totals: simulation.totals() };
  }
}

/** Counts bad lines; where each connect is printed, makes the line for it. */
class ReplaySink implements LineSink {
  readonly #simulation: Simulation;
  readonly #printsLines: boolean;
  readonly #isStrict: boolean;
  /** The ends of lines of connects that come again. */
  readonly #ends = new WeakMap<ReplayedConnect, string>();
  #text = '';

  constructor(simulation: Simulation, printsLines: boolean, isStrict: boolean) {
    this.#simulation = simulation;
    this.#printsLines = printsLines;
    this.#isStrict = isStrict;
  }

  bad(problem: Problem): void {
    this.#simulation.addBad(this.#isStrict ? { ...problem, severity: 'error' } : problem);
  }

  decided(connect: ConnectLine, replayed: ReplayedConnect): void {
    if (this.#printsLines) this.#text += this.#lineOf(connect, replayed);
  }

  /** What is to be printed since it was last asked for. */
  take(): string {
    const text = this.#text;
    this.#text = '';
    return text;
  }

  #lineOf({ file, line }: ConnectLine, replayed: ReplayedConnect): string {
    const start = renderJsonLine({ file, line });
    const end = this.#ends.get(replayed) ?? endOf(replayed);
    this.#ends.set(replayed, end);
    // Two objects, one after the other, become one.
    return `${start.trimEnd().slice(0, -1)},${end.slice(1)}`;
  }
}

function endOf({ decision, was }: ReplayedConnect): string {
  const { action, rule, cause, reason, missing }: Decision = decision;
  return renderJsonLine({ action, rule, cause, reason, missing, ...(was && { was: was.action }) });
}
