/** The real command over the worker pool, whose workers open the toy model. */
import { register } from '../../src/cli/relabel.js';
import { run } from '../../src/cli/run.js';
import { openPoolService } from '../../src/suggest/pool-service.js';

const opener = new URL('../toy-answerer.ts', import.meta.url).href;
await run(process.argv, (program) =>
  register(program, (folder, options) => openPoolService(folder, { ...options, opener })),
);
