/** Recordings: read, replay, compare, count. */
export { adaptRecord, type RawRecord } from './adapt-record.js';
export type { Changes } from './change-tally.js';
export { findJsonFault } from './find-json-fault.js';
export { parseGiven } from './given.js';
export { momentOf, type ReplaySetup } from './moment.js';
export type { ConnectLine, ParsedLine } from './parse-line.js';
export { checkRecordings, readBlocks, readRecording, STANDARD_INPUT } from './read-recording.js';
export { type RememberedLines, rememberLines } from './remembered-lines.js';
export { type LineSink, RecordingReplay } from './replay-blocks.js';
export { ConnectScanner } from './scan-connect.js';
export { type ReplayedConnect, Simulation, type SimulationReport } from './simulation.js';
