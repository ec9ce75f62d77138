/**
 * The real command in a process of its own, over the toy service made slow: for tests that kill it.
 * `relabel-process.ts MILLISECONDS relabel --in … --out …`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { register } from '../../src/cli/relabel.js';
import { run } from '../../src/cli/run.js';
import { toyService } from '../server/toy-service.js';
import { answeringWith } from './files.js';

const [node, script, delay, ...args] = process.argv;
await run([node!, script!, ...args], (program) =>
  register(program, async () =>
    answeringWith(toyService(), async (own, tickets, options) => {
      await sleep(Number(delay));
      return own(tickets, options);
    }),
  ),
);
