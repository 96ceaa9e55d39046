/** Recordings: read, replay, compare, count. */
export { adaptRecord, type RawRecord } from './adapt-record.js';
export type { Changes } from './change-tally.js';
export type { Totals } from './counts.js';
export type { Block } from './cut-blocks.js';
export { findJsonFault } from './find-json-fault.js';
export { parseGiven } from './given.js';
export { momentOf, type ReplaySetup } from './moment.js';
export type { ReplayedConnect } from './outcome.js';
export type { ConnectLine, ParsedLine } from './parse-line.js';
export { checkRecordings, readBlocks, readRecording, STANDARD_INPUT } from './read-recording.js';
export { rememberLines } from './remembered-lines.js';
export { type LineSink, RecordingReplay, type ReplayTools } from './replay-blocks.js';
export { ConnectScanner } from './scan-connect.js';
export { Simulation, type SimulationPart, type SimulationReport } from './simulation.js';
