/** `duihao migrate` and `duihao audit verify`: the database itself. */
import { type Command, InvalidArgumentError } from 'commander';
import { DuihaoError } from '../errors.js';
import type { AuditWitness } from '../store/audit.js';
import { type StoreOptions, withStore, withStoreOption } from './store-option.js';
import { printJson, printLines } from './taxonomy-options.js';

type Options = StoreOptions & { readonly json?: boolean };

export function register(program: Command): void {
  withStoreOption(
    program.command('migrate').description('把数据库升到本版本的结构（服务启动时也会自动进行）'),
  )
    .option('--json', '输出 JSON')
    .action(migrateStore);
  const audit = program.command('audit').description('审计日志');
  withStoreOption(audit.command('verify').description('验证审计日志的哈希链；被改动时指出第一条，退出码 1'))
    .option('--expect <seq:hash>', '以前验证时记下的序号与哈希；日志中必须仍有这一条', readWitness)
    .option('--json', '输出 JSON')
    .action(verify);
}

async function migrateStore(options: Options): Promise<void> {
  const migrated = await withStore(options, async (store) => store.migrated);
  if (options.json) printJson({ migrated });
  else if (migrated.length === 0) printLines(['数据库已是最新结构']);
  else printLines(migrated.map((name) => `已执行 ${name}`));
}

async function verify(options: Options & { readonly expect?: AuditWitness }): Promise<void> {
  const verdict = await withStore(options, (store) => store.audit.verify(options.expect));
  if (verdict.kind === 'broken') {
    const { seq, fault } = verdict;
    throw new DuihaoError('corrupt', 'audit-broken', `entry ${seq} of the audit log: ${fault}`, {
      seq,
      fault,
    });
  }
  const { entries, hash } = verdict;
  if (options.json) printJson({ entries, hash });
  else printLines([`审计日志完整：共 ${entries} 条；请另存 ${entries}:${hash} ，以后用 --expect 核对`]);
}

function readWitness(text: string): AuditWitness {
  const [, seq, hash] = /^(\d{1,9}):([\da-f]{64})$/.exec(text) ?? [];
  if (!seq || !hash) throw new InvalidArgumentError('应为 序号:哈希（64 位十六进制）');
  return { seq: Number(seq), hash };
}
