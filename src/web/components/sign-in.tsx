/** Signing in by name and password, or for the first time by a one-time link. */
import { useState } from 'preact/hooks';
import type { SessionBody } from '../../server/account-schemas.js';
import { ApiError } from '../api.js';
import { redeem, signIn } from '../workplace-api.js';
import { passwordFault, passwordLimits, signInFailure } from '../workplace-wording.js';
import { Icon } from './icons.js';

interface Props {
  /** Of a one-time link. */
  readonly token?: string;
  /** Who was signed in until now. */
  readonly name?: string;
  done(session: SessionBody): void;
}

export function SignIn({ token, name: before = '', done }: Props) {
  const [name, setName] = useState(before);
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [fault, setFault] = useState<{ title: string; detail: string } | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const wrong = token === undefined ? null : passwordFault(password, again);
    if (wrong !== null) {
      setFault({ title: wrong, detail: '' });
      return;
    }
    setBusy(true);
    setFault(null);
    try {
      done(await (token === undefined ? signIn(name, password) : redeem(token, password)));
    } catch (error) {
      setFault(signInFailure(error instanceof ApiError ? error : new ApiError('broken', 0, 'page-failed')));
      setBusy(false);
    }
  };

  return (
    <form class="sign-in" onSubmit={submit} aria-labelledby="sign-in-title">
      <h2 id="sign-in-title">{token === undefined ? '登录' : '设置密码'}</h2>
      <p class="muted">
        {token === undefined
          ? before === ''
            ? '用管理员为你开的账号登录。'
            : '登录已失效；重新登录后接着做，页面上的内容还在。'
          : '这是一次性链接：设好密码即登录，以后用它登录。'}
      </p>
      {token === undefined && (
        <label>
          用户名
          <input
            type="text"
            name="username"
            autocomplete="username"
            required
            autofocus={before === ''}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
      )}
      <label>
        {token === undefined ? '密码' : `新密码（至少 ${passwordLimits.least} 个字符）`}
        <input
          type="password"
          name="password"
          autocomplete={token === undefined ? 'current-password' : 'new-password'}
          required
          autofocus={token !== undefined || before !== ''}
          maxLength={passwordLimits.most}
          value={password}
          onInput={(event) => setPassword(event.currentTarget.value)}
        />
      </label>
      {token !== undefined && (
        <label>
          再输入一次
          <input
            type="password"
            name="password-again"
            autocomplete="new-password"
            required
            maxLength={passwordLimits.most}
            value={again}
            onInput={(event) => setAgain(event.currentTarget.value)}
          />
        </label>
      )}
      <div role="alert" class="sign-in-fault">
        {fault && (
          <>
            <p class="sign-in-wrong">
              <Icon name="warning" />
              {fault.title}
            </p>
            {fault.detail !== '' && <p>{fault.detail}</p>}
          </>
        )}
      </div>
      <button type="submit" class="button button-primary" disabled={busy}>
        {busy ? '请稍候…' : token === undefined ? '登录' : '设好并登录'}
      </button>
    </form>
  );
}
