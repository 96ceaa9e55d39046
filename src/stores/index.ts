/** Pairing stores: a gateway's JSON files, and memory. */
export { createMemoryStore, type MemoryStoreOptions } from './memory-store.js';
export { openBlockList } from './open-block-list.js';
export { openPairingStore, type PairingStoreOptions } from './open-pairing-store.js';
