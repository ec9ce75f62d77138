#!/usr/bin/env node
/** `duihao`: the only place that reads the environment, prints for people and exits. */
import { Command } from 'commander';
import { register as registerCode } from './code.js';
import { register as registerTaxonomy } from './taxonomy.js';

const program = new Command('duihao').description('让诉求对号入座：把工单对到诉求事项编码');
registerTaxonomy(program);
registerCode(program);
await program.parseAsync();
