#!/usr/bin/env node
/** `duihao`: the only place that reads the environment, prints for people and exits. */
import { register as registerAccounts } from './accounts.js';
import { register as registerCode } from './code.js';
import { register as registerEvaluate } from './evaluate.js';
import { register as registerModels } from './models.js';
import { register as registerRelabel } from './relabel.js';
import { run } from './run.js';
import { register as registerServe } from './serve.js';
import { register as registerStore } from './store.js';
import { register as registerSuggest } from './suggest.js';
import { register as registerTaxonomy } from './taxonomy.js';
import { register as registerTrain } from './train.js';

await run(process.argv, (program) => {
  registerEvaluate(program);
  registerTrain(program);
  registerSuggest(program);
  registerServe(program);
  registerRelabel(program);
  registerModels(program);
  registerStore(program);
  registerAccounts(program);
  registerTaxonomy(program);
  registerCode(program);
});
