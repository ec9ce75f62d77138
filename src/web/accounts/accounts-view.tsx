/** The admin's view: who may sign in, and which programs may ask. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import type { KeyBody, UserBody } from '../../server/account-schemas.js';
import { addKey, addUser, changeUser, listKeys, listUsers, resetUser, revokeKey } from '../accounts-api.js';
import { ApiError } from '../api.js';
import { Notice } from '../components/notice.js';
import { PageFooter } from '../components/page-footer.js';
import { PageHeader } from '../components/page-header.js';
import { useReady } from '../use-ready.js';
import type { ViewProps } from '../view-props.js';
import { accountFailure, roleNames } from '../workplace-wording.js';
import { AddForm } from './add-form.js';
import { RoleSelect } from './role-select.js';
import { Secret } from './secret.js';
import '../style/accounts.css';

interface Shown {
  readonly title: string;
  readonly text: string;
  readonly about: string;
}

export function AccountsView({ session, nav }: ViewProps) {
  const [users, setUsers] = useState<readonly UserBody[] | null>(null);
  const [keys, setKeys] = useState<readonly KeyBody[] | null>(null);
  const [secret, setSecret] = useState<Shown | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const { ready, waiting } = useReady();

  /** Runs, tells what went wrong, and reads both lists again. */
  const run = useCallback(async (action: () => Promise<Shown | null>): Promise<boolean> => {
    setError(null);
    let done = true;
    try {
      setSecret(await action());
    } catch (failure) {
      done = false;
      setError(failure instanceof ApiError ? failure : new ApiError('broken', 0, 'page-failed'));
    }
    try {
      const [{ users: nowUsers }, { keys: nowKeys }] = await Promise.all([listUsers(), listKeys()]);
      setUsers(nowUsers);
      setKeys(nowKeys);
    } catch (failure) {
      if (failure instanceof ApiError) setError((before) => before ?? failure);
    }
    return done;
  }, []);
  useEffect(() => void run(async () => null), [run]);

  const linkFor = ({ user, link }: Awaited<ReturnType<typeof addUser>>): Shown => ({
    title: `${user.name} 的一次性登录链接`,
    text: location.origin + link,
    about: '只显示这一次，24 小时内有效，用一次即失效。请私下交给本人，由本人设置密码。',
  });

  return (
    <div class="page">
      <PageHeader nav={nav} />
      <main class="accounts">
        {error && (
          <Notice title={accountFailure(error).title} tone="warning">
            <p>{accountFailure(error).detail}</p>
          </Notice>
        )}
        {secret && <Secret key={secret.text} {...secret} close={() => setSecret(null)} />}
        <section aria-labelledby="users-title">
          <h2 id="users-title">账号</h2>
          <AddForm
            what="账号"
            label="用户名"
            initial="agent"
            roles={['agent', 'manager', 'admin', 'intake']}
            add={(name, role) => run(async () => linkFor(await addUser(name, role)))}
          />
          <table>
            <thead>
              <tr>
                <th scope="col">用户名</th>
                <th scope="col">角色</th>
                <th scope="col">状态</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {users?.map((user) => (
                <tr key={user.id}>
                  <th scope="row">{user.name}</th>
                  <td>
                    <RoleSelect
                      label={`${user.name} 的角色`}
                      value={user.role}
                      roles={['agent', 'manager', 'admin', 'intake']}
                      change={(role) =>
                        void run(async () => {
                          await changeUser(user.id, { role });
                          return null;
                        })
                      }
                    />
                  </td>
                  <td>{!user.active ? '已停用' : user.hasPassword ? '可登录' : '等待本人设密码'}</td>
                  <td class="row-tools">
                    <button
                      type="button"
                      class="button button-small"
                      disabled={!user.active}
                      onClick={() => {
                        // One's own link ends one's own session.
                        if (confirm(`${user.name} 现在的密码和登录会立即失效，确定重发链接？`))
                          void run(async () => linkFor(await resetUser(user.id)));
                      }}
                    >
                      重发链接
                    </button>
                    <button
                      type="button"
                      class="button button-small"
                      disabled={user.name === session.name}
                      onClick={() =>
                        void run(async () => {
                          await changeUser(user.id, { active: !user.active });
                          return null;
                        })
                      }
                    >
                      {user.active ? '停用' : '启用'}
                    </button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
        <section aria-labelledby="keys-title">
          <h2 id="keys-title">接口密钥</h2>
          <AddForm
            what="密钥"
            label="用于哪个系统"
            initial="intake"
            roles={['intake', 'agent', 'manager', 'admin']}
            add={(name, role) =>
              run(async () => {
                const { key, secret: text } = await addKey(name, role);
                return {
                  title: `${key.name} 的接口密钥`,
                  text,
                  about: '只显示这一次；服务器只存它的摘要，丢了只能新建。',
                };
              })
            }
          />
          <table>
            <thead>
              <tr>
                <th scope="col">用途</th>
                <th scope="col">角色</th>
                <th scope="col">开头</th>
                <th scope="col">新建于</th>
                <th scope="col">操作</th>
              </tr>
            </thead>
            <tbody>
              {keys?.map((key) => (
                <tr key={key.id}>
                  <th scope="row">{key.name}</th>
                  <td>{roleNames[key.role]}</td>
                  <td class="code">{key.start}…</td>
                  <td>
                    {key.createdAt.slice(0, 10)}，{key.createdBy}
                  </td>
                  <td class="row-tools">
                    {key.revokedAt ? (
                      '已吊销'
                    ) : (
                      <button
                        type="button"
                        class="button button-small"
                        onClick={() => {
                          if (confirm(`吊销后 ${key.name} 会立即被拒绝，且不能恢复。确定？`))
                            void run(async () => {
                              await revokeKey(key.id);
                              return null;
                            });
                        }}
                      >
                        吊销
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </main>
      <PageFooter ready={ready} waiting={waiting} />
    </div>
  );
}
