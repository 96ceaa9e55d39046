import { afterAll } from 'vitest';
import { openPairingStore } from '../../src/stores/index.js';
import { describeOwnPairingStore } from './contract.js';
import { removeFolders, stateFolder } from './state-folders.js';

afterAll(removeFolders);

describeOwnPairingStore('the file store', (now) => openPairingStore(stateFolder(), { now }));
