/** Any failure of a command → one line for people, an object for scripts, an exit code. */
import { CommanderError } from 'commander';
import { type ErrorKind, isDuihaoError } from '../errors.js';

export interface Failure {
  readonly exitCode: number;
  readonly code: string;
  readonly kind: ErrorKind;
  /** Chinese where the failure is one that people meet. */
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Of a bug of ours: where it happened. */
  readonly frames: readonly string[];
}

const exitCodes: Readonly<Record<ErrorKind, number>> = {
  'invalid-input': 2,
  'not-found': 2,
  conflict: 1,
  forbidden: 1,
  'too-large': 2,
  unavailable: 1,
  corrupt: 1,
  // EX_SOFTWARE of sysexits.h.
  internal: 70,
};

type Details = Readonly<Record<string, unknown>>;

/** What the lower layers say in English, for logs and the API, in the language of the person at the terminal. */
const chinese: Readonly<Record<string, (details: Details) => string>> = {
  'port-in-use': ({ port }) => `端口 ${port} 已被占用；请停止占用它的程序，或用 --port 换一个端口`,
  'jobs-folder-locked': ({ folder, pid }) =>
    `进程 ${pid} 正在使用 ${folder}；请先停止它，或用 --jobs 给每个服务器一个自己的目录`,
  'listen-failed': ({ port }) => `无法在端口 ${port} 上监听；请检查 --host 是否是本机地址、端口是否需要权限`,
  'manifest-missing': ({ path }) =>
    `没有找到模型：${path} 无法读取；请检查 --model，或用 duihao models list 查看`,
  'manifest-invalid': ({ path }) => `模型清单 ${path} 不完整或不是本版本的格式；请重新复制或训练该模型`,
  'model-damaged': ({ path }) => `模型文件 ${path} 缺失或与校验和不符；请重新复制该模型`,
  'model-taxonomy-mismatch': ({ path, model, list }) =>
    path === undefined
      ? `模型所用的分类体系（${String(model).slice(0, 12)}）与给出的（${String(list).slice(0, 12)}）不同；请用 duihao models migrate 迁移模型，或重新训练`
      : `${path} 中的模型与所带的分类体系不一致；请用 duihao models migrate 迁移，或重新训练`,
  'migration-needless': () => '模型已经属于这一版本的分类体系，无须迁移',
  'migration-incomplete': ({ items, leaves }) =>
    `模型的 ${leaves} 个末级事项中有 ${(items as string[]).length} 个在新体系中无处可去（${(items as string[]).slice(0, 5).join('、')}…）；请用 --table 给出对照表，或用 --to-catch-all 归入“其他”，或重新训练`,
  'folder-exists': ({ folder }) => `${folder} 已存在且不是模型目录；请用 --out 指定另一个目录`,
  'segmenter-missing': () => '分词组件无法加载；请重新安装（不要使用 --omit=optional）',
  'no-model-promoted': ({ models }) =>
    `${models} 中没有上线的模型；用 duihao models promote 选定一个，或用 duihao train 训练`,
  'models-folder-missing': ({ models }) => `没有模型目录 ${models}`,
  'model-already-promoted': ({ model, version }) => `${model}（版本 ${version}）已经是上线的模型`,
  'model-outside': ({ models, name }) => `${name} 不在模型目录 ${models} 中；请先复制或链接进去`,
  'model-changed': ({ model, promoted, found }) =>
    `${model} 上线时的版本是 ${promoted}，现在是 ${found}；如果确要使用，请用 duihao models promote ${model}`,
  'rollback-impossible': () => '没有可以回滚到的模型：在此之前没有上线过别的模型',
  'registry-invalid': ({ path }) => `${path} 已损坏；请删除它，再用 duihao models promote 选定模型`,
  'shadow-invalid': ({ path }) => `${path} 已损坏；请用 duihao models shadow 重新选定并行的候选模型`,
  'shadow-promoted': ({ model, version }) => `${model}（版本 ${version}）就是上线的模型，不能与自己比较`,
  'registry-locked': ({ path }) => `另一个上线操作正在进行；如果它已不在运行，请删除 ${path}`,
  'registry-changed': () => '比较期间有别的模型上线，或候选模型被重新训练；请重新比较',
  'candidate-worse': () => '候选模型不如现用模型，未上线；确要上线请加 --force --reason "理由"',
  'comparison-impossible': () =>
    '现用模型已不可用（被重新训练、移走或损坏），无从比较，未上线；确要上线请加 --force --reason "理由"',
  'gold-empty': ({ rejected }) =>
    `金标准工单中没有一件的编码为两个模型所共有（${rejected} 行未能使用）；请检查编码列与分类体系`,
  'file-not-found': ({ path }) => `没有文件 ${path}`,
  'file-empty': ({ path }) => `文件 ${path} 是空的`,
  'output-exists': ({ output }) => `${output} 已存在；加 --force 覆盖它`,
  'output-is-input': ({ output }) => `${output} 就是输入文件；请写到另一个文件`,
  'output-format-unknown': ({ output }) => `${output}：请写成 .csv、.jsonl 或 .xlsx`,
  'workbook-too-large': ({ most }) => `工作簿至多 ${most} 行（它须在内存中写成）；请写成 .csv`,
  'cell-too-long': ({ row }) => `第 ${row} 行有单元格超过 Excel 的 32767 字，工作簿放不下；请写成 .csv`,
  'run-unfinished': ({ output }) => `${output} 有一次未完成的运行：用 --resume 续做，或用 --force 重新开始`,
  'run-changed': ({ output, changed }) =>
    `${output} 未完成的运行不能续做，与当时不同的是：${(changed as readonly string[]).join('、')}；请用当时的输入、模型与选项，或用 --force 重新开始`,
  'run-active': ({ output, pid }) => `进程 ${pid} 正在写 ${output}；请等它结束，或先停止它`,
  'partial-damaged': ({ output }) => `${output} 未完成的部分已丢失或残缺；请用 --force 重新开始`,
  'journal-damaged': ({ path }) => `${path} 不是本版本的进度文件；请用 --force 重新开始`,
  'input-changed': ({ path }) => `${path} 在读取时被改动；请在它不再变动后用 --force 重新开始`,
  'relabel-manifest-missing': ({ path }) => `没有 ${path}：不知道哪些列是加上的，无法还原`,
  'relabel-manifest-damaged': ({ path }) => `${path} 已损坏，无法还原`,
  'reverse-impossible': ({ format }) =>
    `此文件由 ${format} 转成，只保留了单元格的内容，不能还原；请保留原文件`,
  'columns-edited': () => '加上的列已不在原有各列之后，无法还原',
  'queue-full': () => '等待的工单太多，请稍后再试',
  'store-unnamed': () => '没有指明存储：请用 --store，或环境变量 DATABASE_URL、DUIHAO_DATA_DIR',
  'store-locked': ({ folder, pid, host }) =>
    `数据目录 ${folder} 正由进程 ${pid ?? '?'}（${host ?? '?'}）使用；请在它的网页或接口上操作、先停止它，或改用 PostgreSQL`,
  'store-unavailable': () => '数据库没有应答；请检查地址、账号与网络',
  'store-damaged': ({ folder }) => `数据目录 ${folder ?? ''} 中的数据库打不开；请恢复该目录的备份`,
  'migration-failed': ({ migration }) => `数据库升级 ${migration ?? ''} 失败，数据库保持原状`,
  'database-newer': () => '数据库由更新版本的对号建立；请使用该版本，或恢复备份',
  'audit-broken': ({ seq, fault }) => `审计日志从第 ${seq} 条起不可信（${fault}）；之前的各条完好`,
  'user-exists': ({ name }) => `已有用户 ${name}`,
  'user-unknown': ({ name, id }) => `没有用户 ${name ?? id}`,
  'key-unknown': ({ id }) => `没有密钥 ${id}；用 duihao keys list 查看`,
  'name-invalid': () => '名称应以文字或数字开头，至多 60 字，可含文字、数字、空格与 . _ @ -',
  'coverage-unknown': ({ most }) =>
    most === undefined
      ? '此模型不能承诺覆盖率：训练时留出的工单太少，或已迁移到另一分类体系；请重新训练'
      : `此模型至多承诺 ${most} 的覆盖率；训练时留出更多工单才能承诺更多`,
  'worker-crashed': () => '工作线程崩溃；内存是否足够？',
};

/** Failures of the file system, which come as they are from everywhere. */
const system: Readonly<Record<string, readonly [kind: ErrorKind, message: string]>> = {
  ENOENT: ['not-found', '没有这个文件或目录'],
  EACCES: ['forbidden', '没有权限'],
  EPERM: ['forbidden', '没有权限'],
  EISDIR: ['invalid-input', '这是一个目录，应为文件'],
  ENOTDIR: ['invalid-input', '这不是目录'],
  ENOSPC: ['unavailable', '磁盘已满'],
  EROFS: ['forbidden', '文件系统只读'],
  EMFILE: ['unavailable', '打开的文件过多'],
};

export function explainFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return usage(error);
  if (isDuihaoError(error)) {
    const { kind, code, details } = error;
    const message = chinese[code]?.(details) ?? error.message;
    const frames = kind === 'internal' ? framesOf(error) : [];
    return { exitCode: exitCodes[kind], code, kind, message, details, frames };
  }
  const { code, path } = (error ?? {}) as NodeJS.ErrnoException;
  const known = code === undefined ? undefined : system[code];
  if (known) {
    const [kind, words] = known;
    return {
      exitCode: exitCodes[kind],
      code: `system-${code!.toLowerCase()}`,
      kind,
      message: path === undefined ? words : `${words}：${path}`,
      details: path === undefined ? {} : { path },
      frames: [],
    };
  }
  // The message stays out: it could quote a ticket.
  const name = error instanceof Error ? error.name : typeof error;
  return {
    exitCode: exitCodes.internal,
    code: 'internal',
    kind: 'internal',
    message: `内部错误（${name}）；请把以下位置连同所用的命令报告给维护者`,
    details: {},
    frames: framesOf(error),
  };
}

const framesOf = (error: unknown): string[] =>
  error instanceof Error ? (error.stack?.split('\n').filter((line) => /^\s+at /.test(line)) ?? []) : [];

/** Commander's own words are English; what it found stands between quotes. */
function usage({ code, message }: CommanderError): Failure {
  const found = /'([^']*)'/.exec(message)?.[1] ?? '';
  const reason = / is invalid\. (.+)$/.exec(message)?.[1];
  const words: Readonly<Record<string, string>> = {
    'commander.unknownCommand': `没有命令 ${found}`,
    'commander.unknownOption': `没有选项 ${found}`,
    'commander.missingArgument': `缺少参数 ${found}`,
    'commander.optionMissingArgument': `选项 ${found} 缺少取值`,
    'commander.missingMandatoryOptionValue': `缺少必需的选项 ${found}`,
    'commander.excessArguments': '参数过多',
    'commander.invalidArgument': `${found} 的取值不对${reason ? `：${reason}` : ''}`,
    'commander.conflictingOption': `选项 ${found} 不能与别的选项同用`,
  };
  const hint = /Did you mean (.*?)\?/.exec(message)?.[1];
  return {
    exitCode: exitCodes['invalid-input'],
    code: 'usage',
    kind: 'invalid-input',
    message: `${words[code] ?? message}${hint ? `；是否想用 ${hint}` : ''}；用 --help 查看用法`,
    details: { reason: code },
    frames: [],
  };
}

/** One line; for a bug of ours followed by where it happened. As JSON always one line. */
export function failureText({ code, kind, message, details, frames }: Failure, asJson: boolean): string {
  if (asJson) return `${JSON.stringify({ error: { code, kind, message, details } })}\n`;
  return `${[`duihao：${message}（${code}）`, ...frames].join('\n')}\n`;
}
