/** `duihao users` and `duihao keys`: who may use the workplace, from the terminal of its machine. */
import { type Command, Option } from 'commander';
import { DuihaoError } from '../errors.js';
import { linkPath } from '../server/account-routes.js';
import { addUserSchema, roles } from '../server/account-schemas.js';
import type { Role } from '../store/accounts.js';
import { isId } from '../store/time-ordered-id.js';
import { type StoreOptions, withStore, withStoreOption } from './store-option.js';
import { printJson, printLines } from './taxonomy-options.js';

type Options = StoreOptions & { readonly json?: boolean };
type AddOptions = Options & { readonly role: Role };

/** In the audit log: whoever has the terminal. */
const actor = 'terminal';
const roleNames: Readonly<Record<Role, string>> = {
  intake: '受理系统',
  agent: '坐席',
  manager: '主管',
  admin: '管理员',
};

export function register(program: Command): void {
  const users = program.command('users').description('用户：列出、添加、重设');
  shared(users.command('list').description('列出用户')).action(listUsers);
  shared(
    users.command('add').description('添加用户，给出一次性链接，用它设置密码').argument('<name>', '姓名'),
  )
    .addOption(roleOption())
    .action(addUser);
  shared(
    users.command('reset').description('作废密码与登录，给出新的一次性链接').argument('<name>', '姓名'),
  ).action(resetUser);
  const keys = program.command('keys').description('接口密钥：列出、添加、吊销');
  shared(keys.command('list').description('列出密钥')).action(listKeys);
  shared(keys.command('add').description('添加密钥；密钥只显示这一次').argument('<name>', '用它的系统'))
    .addOption(roleOption())
    .action(addKey);
  shared(keys.command('revoke').description('吊销密钥').argument('<id>', '密钥的 id')).action(revokeKey);
}

const shared = (command: Command): Command => withStoreOption(command).option('--json', '输出 JSON');

const roleOption = (): Option =>
  new Option('--role <role>', roles.map((role) => `${role} ${roleNames[role]}`).join('、'))
    .choices([...roles])
    .makeOptionMandatory();

async function listUsers(options: Options): Promise<void> {
  const users = await withStore(options, (store) => store.accounts.list());
  if (options.json) printJson({ users });
  else
    printLines(
      users.map(
        ({ id, name, role, active, hasPassword }) =>
          `${name}  ${roleNames[role]}${active ? '' : '（停用）'}${hasPassword ? '' : '（未设密码）'}  ${id}`,
      ),
    );
}

async function addUser(name: string, options: AddOptions): Promise<void> {
  refuseOddName(name);
  const link = await withStore(options, (store) => store.accounts.add(name, options.role, actor));
  report(`已添加${roleNames[options.role]} ${name}`, link, options);
}

async function resetUser(name: string, options: Options): Promise<void> {
  const link = await withStore(options, async (store) => {
    const user = (await store.accounts.list()).find((one) => one.name.toLowerCase() === name.toLowerCase());
    if (!user) throw new DuihaoError('not-found', 'user-unknown', `there is no user ${name}`, { name });
    return store.accounts.reset(user.id, actor);
  });
  report(`已重设 ${name}`, link, options);
}

function report(
  done: string,
  { account, token, expiresAt }: { account: { id: string; name: string }; token: string; expiresAt: Date },
  options: Options,
): void {
  const path = linkPath(token);
  if (options.json) printJson({ id: account.id, name: account.name, link: path, expiresAt });
  else printLines([`${done}；请在 24 小时内打开服务地址加 ${path} 设置密码，链接只能用一次`]);
}

async function listKeys(options: Options): Promise<void> {
  const keys = await withStore(options, (store) => store.keys.list());
  if (options.json) printJson({ keys });
  else
    printLines(
      keys.map(
        ({ id, name, role, start, revokedAt }) =>
          `${start}…  ${name}  ${roleNames[role]}${revokedAt ? '（已吊销）' : ''}  ${id}`,
      ),
    );
}

async function addKey(name: string, options: AddOptions): Promise<void> {
  refuseOddName(name);
  const { key, secret } = await withStore(options, (store) => store.keys.add(name, options.role, actor));
  if (options.json) printJson({ key, secret });
  else printLines([`已添加密钥 ${name}（${roleNames[options.role]}），只显示这一次：`, secret]);
}

async function revokeKey(id: string, options: Options): Promise<void> {
  if (!isId(id)) throw new DuihaoError('not-found', 'key-unknown', `there is no key ${id}`, { id });
  const key = await withStore(options, (store) => store.keys.revoke(id, actor));
  if (options.json) printJson({ key });
  else printLines([`已吊销 ${key.name}（${key.start}…）`]);
}

/** The API's own rule: names stand in logs, CSV and the audit. */
function refuseOddName(name: string): void {
  if (addUserSchema.shape.name.safeParse(name).success) return;
  throw new DuihaoError(
    'invalid-input',
    'name-invalid',
    'a name begins with a letter or digit, has at most 60 characters: letters, digits, spaces and . _ @ -',
  );
}
