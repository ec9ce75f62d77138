/** What stands around the views: who is signed in, which view the address names, and signing in. */
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { SessionBody } from '../server/account-schemas.js';
import { ApiError, onSignedOut } from './api.js';
import { App } from './app.js';
import { waitBefore } from './asker.js';
import { Notice } from './components/notice.js';
import { PageHeader } from './components/page-header.js';
import { SignIn } from './components/sign-in.js';
import { SiteNav } from './components/site-nav.js';
import { hashOf, homeOf, type Route, routeOf, type ViewName, viewsFor } from './routes.js';
import type { ViewProps } from './view-props.js';
import { failureWords } from './wording.js';
import { readSession, type SignedIn, signOut } from './workplace-api.js';

/** Loaded when they are opened: the first view stays small. */
const laterViews: Readonly<Record<Exclude<ViewName, 'ticket'>, () => Promise<ComponentType<ViewProps>>>> = {
  work: () => import('./work/work-view.js').then((module) => module.WorkView),
  figures: () => import('./figures/figures-view.js').then((module) => module.FiguresView),
  accounts: () => import('./accounts/accounts-view.js').then((module) => module.AccountsView),
};

export function Shell() {
  const route = useRoute();
  const [who, setWho] = useWho();
  /** The session has ended under somebody's hands: they sign in over the page, and nothing on it is lost. */
  const [lost, setLost] = useState(false);
  useEffect(() => onSignedOut(() => setLost(true)), []);

  const entered = (session: SessionBody) => {
    setWho({ kind: 'in', session });
    setLost(false);
    if (route.kind === 'welcome' || (location.hash === '' && who.kind === 'out'))
      location.hash = hashOf(homeOf(session.role));
  };
  const leave = () => {
    signOut().then(
      () => {
        setWho({ kind: 'out' });
        location.hash = '';
      },
      // Still signed in: whoever sits down next must not be taken for signed out.
      (error: unknown) => alert(error instanceof ApiError ? failureWords(error).title : '没有退出，请再试'),
    );
  };

  if (route.kind === 'welcome' && who.kind !== 'plain') {
    return (
      <SignInPage>
        <SignIn key={route.token} token={route.token} done={entered} />
      </SignInPage>
    );
  }
  if (who.kind === 'out') {
    return (
      <SignInPage>
        <SignIn done={entered} />
      </SignInPage>
    );
  }
  // While it is not known who is there the plain page takes the first key.
  if (who.kind === 'asking' && route.kind !== 'ticket') {
    return (
      <SignInPage>
        <Notice title="正在连接服务器…" tone="quiet">
          {who.problem !== null && <p>{who.problem}</p>}
        </Notice>
      </SignInPage>
    );
  }
  const session = who.kind === 'in' ? who.session : null;
  const view =
    session && viewsFor(session.role).find((one) => one.view === route.kind)
      ? (route.kind as ViewName)
      : 'ticket';
  const nav = session ? <SiteNav session={session} view={view} leave={leave} /> : undefined;
  return (
    <>
      {session === null || view === 'ticket' ? (
        <App key="page" session={session} nav={nav} />
      ) : (
        <LaterView key={`${view} ${session.name}`} view={view} session={session} nav={nav} />
      )}
      {session && lost && <SignInDialog name={session.name} done={entered} />}
    </>
  );
}

function LaterView({ view, ...props }: ViewProps & { readonly view: Exclude<ViewName, 'ticket'> }) {
  const [View, setView] = useState<ComponentType<ViewProps> | null>(null);
  const [failed, setFailed] = useState(false);
  const load = () => {
    setFailed(false);
    laterViews[view]().then(
      (component) => setView(() => component),
      () => setFailed(true),
    );
  };
  useEffect(load, [view]);
  if (View) return <View {...props} />;
  return (
    <div class="page">
      <PageHeader nav={props.nav} />
      <main class="plain-main">
        {failed && (
          <Notice title="这一页没有载入" tone="warning">
            <p class="notice-actions">
              <button type="button" class="button" onClick={load}>
                重试
              </button>
              <span>若服务器刚刚更新，请刷新页面。</span>
            </p>
          </Notice>
        )}
      </main>
    </div>
  );
}

function SignInPage({ children }: { children: ComponentChildren }) {
  return (
    <div class="page">
      <PageHeader nav={undefined} />
      <main class="plain-main">{children}</main>
    </div>
  );
}

function SignInDialog({ name, done }: { name: string; done(session: SessionBody): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    // Without a session nothing goes on: Esc does not close it.
    <dialog
      ref={dialog}
      class="sign-in-dialog"
      aria-labelledby="sign-in-title"
      onCancel={(event) => event.preventDefault()}
    >
      <SignIn name={name} done={done} />
    </dialog>
  );
}

function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const changed = () => setHash(location.hash);
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return routeOf(hash);
}

type Who = SignedIn | { readonly kind: 'asking'; readonly problem: string | null };

/** Who is signed in; asked again until the server says. */
function useWho(): [who: Who, set: (who: Who) => void] {
  const [who, setWho] = useState<Who>({ kind: 'asking', problem: null });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let failures = 0;
    let stopped = false;
    const ask = () => {
      readSession().then(
        (answer) => !stopped && setWho(answer),
        (error: unknown) => {
          if (stopped || !(error instanceof ApiError)) return;
          failures += 1;
          setWho({ kind: 'asking', problem: failureWords(error).title });
          timer = setTimeout(ask, (waitBefore(error, failures) ?? 30) * 1000);
        },
      );
    };
    ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);
  return [who, setWho];
}
