#!/usr/bin/env node
import { runAsProcess } from './run.js';

await runAsProcess();
