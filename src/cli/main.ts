#!/usr/bin/env node
/** `duihao`: the only place that reads the environment, prints for people and exits. */
import { Command } from 'commander';

const program = new Command('duihao').description('让诉求对号入座：把工单对到诉求事项编码');
await program.parseAsync();
