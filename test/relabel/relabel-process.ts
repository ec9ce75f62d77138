/**
 * The real command in a process of its own, over the toy service made slow: for tests that kill it.
 * `relabel-process.ts MILLISECONDS relabel --in … --out …`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { register } from '../../src/cli/relabel.js';
import { isDuihaoError } from '../../src/errors.js';
import { toyService } from '../server/toy-service.js';
import { answeringWith } from './files.js';

const [delay, ...args] = process.argv.slice(2);
const program = new Command('duihao');
register(program, async () =>
  answeringWith(toyService(), async (own, tickets, options) => {
    await sleep(Number(delay));
    return own(tickets, options);
  }),
);
try {
  await program.parseAsync(args, { from: 'user' });
} catch (error) {
  if (!isDuihaoError(error)) throw error;
  process.stderr.write(`${error.code}: ${error.message}\n`);
  process.exitCode = 2;
}
