/** Pairing stores: a gateway's JSON files, and memory. */
export { createMemoryStore, type MemoryStoreOptions } from './memory-store.js';
