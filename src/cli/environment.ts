/** Every environment variable Duihao reads, in one schema; `.env.example` documents them. */
import { existsSync } from 'node:fs';
import { z } from 'zod';
import { DuihaoError } from '../errors.js';

const whole = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most));

const schema = z.object({
  PORT: whole(0, 65_535).optional(),
  HOST: z.string().optional(),
  DUIHAO_MODEL: z.string().optional(),
  DUIHAO_MODELS: z.string().optional(),
  DUIHAO_SHADOW: z.string().optional(),
  DUIHAO_FACETS: z.string().optional(),
  WORKERS: whole(1, 64).optional(),
  QUEUE_LIMIT: whole(1, 1_000_000).optional(),
  RATE_LIMIT: whole(0, 1_000_000).optional(),
  TRUST_PROXY: whole(0, 16).optional(),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).optional(),
  STOP_DELAY: whole(0, 600).optional(),
  STOP_GRACE: whole(0, 600).optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//)
    .optional(),
  DUIHAO_DATA_DIR: z.string().optional(),
  DUIHAO_JOBS_DIR: z.string().optional(),
  AUTH: z.enum(['on', 'off']).optional(),
  STORE_TEXT: z.enum(['none', 'masked']).optional(),
  ONLINE_ADJUSTMENT: z.enum(['on', 'off']).optional(),
  RETENTION_DAYS: whole(1, 36_500).optional(),
  TEXT_RETENTION_DAYS: whole(0, 36_500).optional(),
});

export type Environment = Readonly<z.infer<typeof schema>>;

const rules: Readonly<Record<keyof Environment, string>> = {
  PORT: '应为 0–65535 的整数',
  HOST: '应为主机名或地址',
  DUIHAO_MODEL: '应为模型目录',
  DUIHAO_MODELS: '应为存放模型的目录',
  DUIHAO_SHADOW: '应为模型目录，或模型存放目录中的名称',
  DUIHAO_FACETS: '应为扩展码表文件',
  WORKERS: '应为 1–64 的整数',
  QUEUE_LIMIT: '应为 1–1000000 的整数',
  RATE_LIMIT: '应为不小于 0 的整数（每分钟请求数，0 为不限）',
  TRUST_PROXY: '应为 0–16 的整数（前面有几层代理）',
  LOG_LEVEL: '应为 silent、error、warn、info 或 debug',
  STOP_DELAY: '应为 0–600 的整数（秒）',
  STOP_GRACE: '应为 0–600 的整数（秒）',
  DATABASE_URL: '应为 postgres://…',
  DUIHAO_DATA_DIR: '应为数据目录',
  DUIHAO_JOBS_DIR: '应为存放重新编码文件的目录',
  AUTH: '应为 on 或 off',
  STORE_TEXT: '应为 none 或 masked',
  ONLINE_ADJUSTMENT: '应为 on 或 off',
  RETENTION_DAYS: '应为 1–36500 的整数（天）',
  TEXT_RETENTION_DAYS: '应为 0–36500 的整数（天）',
};

export const environmentVariables: readonly string[] = Object.keys(rules);

/**
 * An empty variable counts as unset: that is how compose files leave one out.
 * @throws DuihaoError `environment-invalid` naming every variable that is wrong, never its value
 */
export function parseEnvironment(variables: Readonly<Record<string, string | undefined>>): Environment {
  const set = Object.entries(variables).filter(([name, value]) => name in rules && value !== '');
  const parsed = schema.safeParse(Object.fromEntries(set));
  if (parsed.success) return parsed.data;
  const names = [...new Set(parsed.error.issues.map(({ path }) => String(path[0]) as keyof Environment))];
  throw new DuihaoError(
    'invalid-input',
    'environment-invalid',
    `环境变量有误：${names.map((name) => `${name} ${rules[name]}`).join('；')}`,
    { variables: names },
  );
}

/** The process's variables; those of `.env` in the working folder where they are not set. */
export function readEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env');
  return parseEnvironment(process.env);
}
