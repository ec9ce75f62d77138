/** The command line over the toy model, for tests that start it as a process of its own. */
import { register as registerAccounts } from '../../src/cli/accounts.js';
import { register as registerModels } from '../../src/cli/models.js';
import { run } from '../../src/cli/run.js';
import { register as registerServe } from '../../src/cli/serve.js';
import { register as registerStore } from '../../src/cli/store.js';
import { register as registerSuggest } from '../../src/cli/suggest.js';
import { openPoolService } from '../../src/suggest/pool-service.js';
import { openAnswerer } from '../toy-answerer.js';

const opener = new URL('../toy-answerer.ts', import.meta.url).href;

await run(process.argv, (program) => {
  registerSuggest(program, openAnswerer);
  registerServe(program, (folder, options) => openPoolService(folder, { ...options, opener }));
  registerModels(program);
  registerStore(program);
  registerAccounts(program);
});
