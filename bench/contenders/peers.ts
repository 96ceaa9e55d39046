/** Everybody that we are compared with, but for the hand loop, which is made for the records of the bench alone. */
import { addressLoop } from './address-loop.js';
import { casbin } from './casbin.js';
import { cedar } from './cedar.js';
import { cel } from './cel.js';
import type { Peer } from './contender.js';
import { jsonLogicEngine, jsonLogicJs } from './json-logic.js';
import { jsonRulesEngine } from './json-rules-engine.js';

export const PEERS: readonly Peer[] = [
  addressLoop,
  jsonLogicEngine,
  jsonLogicJs,
  cel,
  casbin,
  cedar,
  jsonRulesEngine,
];
