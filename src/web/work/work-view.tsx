/** The workplace: the queue, the ticket in hand, its candidates, and the keys over all of it. */
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ItemRefBody } from '../../server/schemas.js';
import { copyText } from '../clipboard.js';
import { KeyHelp } from '../components/key-help.js';
import { PageFooter } from '../components/page-footer.js';
import { PageHeader } from '../components/page-header.js';
import { placeOf } from '../focus-place.js';
import { learnPaths } from '../item-paths.js';
import { leaseOf, shouldRenew } from '../lease.js';
import { serverNow } from '../server-clock.js';
import { useReady } from '../use-ready.js';
import { useStopwatch } from '../use-stopwatch.js';
import type { ViewProps } from '../view-props.js';
import { announce } from '../wording.js';
import { type BenchState, WorkBench } from '../work-bench.js';
import { type WorkCommand, workCommandOf, workKeyHelp } from '../work-keys.js';
import { reviewDesk } from '../workplace-api.js';
import { causeNames, causeWhy, outcomeWords } from '../workplace-wording.js';
import { LeftPane } from './left-pane.js';
import { ReviewPane } from './review-pane.js';
import { ReviewTicketPane } from './review-ticket-pane.js';
import '../style/work.css';

const refreshMs = 15_000;
const leaseCheckMs = 5_000;
/** A key pressed sooner was meant for the ticket before: nobody reads so fast. */
const settleMs = 300;
/** As in layout.css. */
const itemsOverPage = '(max-width: 1099px)';

export function WorkView({ nav }: ViewProps) {
  const [state, setState] = useState<BenchState | null>(null);
  const bench = useMemo(() => new WorkBench(reviewDesk, setState), []);
  const [active, setActive] = useState(-1);
  const [note, setNote] = useState('');
  const [tab, setTab] = useState<'queue' | 'items'>('queue');
  const [leftOpen, setLeftOpen] = useState(false);
  const [query, setQuery] = useState('');
  const [helpOpen, setHelpOpen] = useState(false);
  const [copied, setCopied] = useState('');
  const [said, setSaid] = useState('');
  const { ready, waiting } = useReady();
  const digest = ready?.taxonomy.digest ?? '';

  const list = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const noteField = useRef<HTMLTextAreaElement>(null);
  const shownAt = useRef(0);
  const lastActive = useRef(Date.now());

  const review = state?.current ?? null;
  const stopwatch = useStopwatch(review?.id);
  const candidates = review?.candidates.slice(0, 9) ?? [];
  const decision = review?.decision ?? null;
  const decided: ItemRefBody | undefined =
    decision && decision.item !== null
      ? { item: decision.item, code: decision.code!, short: decision.short!, name: decision.name! }
      : undefined;

  useEffect(() => {
    void bench.start();
    const timer = setInterval(() => {
      if (!document.hidden) void bench.refresh();
    }, refreshMs);
    const leave = () => bench.leave();
    // Back from the browser's cache: what was in hand has been given back.
    const back = (event: PageTransitionEvent) => {
      if (event.persisted) location.reload();
    };
    addEventListener('pagehide', leave);
    addEventListener('pageshow', back);
    return () => {
      clearInterval(timer);
      removeEventListener('pagehide', leave);
      removeEventListener('pageshow', back);
      bench.leave();
    };
  }, [bench]);

  const claim = review?.claim ?? null;
  useEffect(() => {
    const timer = setInterval(() => {
      const lease = leaseOf(claim, serverNow());
      if (!document.hidden && shouldRenew(lease, Date.now() - lastActive.current)) void bench.renew();
    }, leaseCheckMs);
    return () => clearInterval(timer);
  }, [bench, claim]);

  useLayoutEffect(() => {
    shownAt.current = performance.now();
    setActive(-1);
    setNote('');
    setCopied('');
    if (review) learnPaths(digest, review.candidates);
  }, [review?.id, digest]);

  const outcome = state?.outcome ?? null;
  useEffect(() => {
    const parts = outcome === null ? [] : [`${outcomeWords(outcome)}。`];
    if (review) {
      parts.push(`工单 ${review.ticket.id}，${causeNames[review.cause]}：${causeWhy(review)}`);
      if (review.decision) parts.push(announce(review.decision, review.candidates.length));
    } else if (state?.phase === 'empty') parts.push('队列里没有待办。');
    setSaid(parts.join(' '));
  }, [outcome, review?.id, state?.phase]);

  const effort = () => ({ milliseconds: stopwatch.current.milliseconds, note });
  const choose = (item: ItemRefBody | undefined): boolean => {
    if (!item || review === null || performance.now() - shownAt.current < settleMs) return false;
    void bench.choose(item, effort());
    return true;
  };
  const skip = () => {
    if (performance.now() - shownAt.current >= settleMs) void bench.skip(effort());
  };
  const copy = async (code: string) => {
    setCopied((await copyText(code)) ? `已复制 ${code}` : '浏览器不让复制');
  };
  const focusList = () => {
    if (list.current) list.current.focus({ preventScroll: true });
    else (document.activeElement as HTMLElement | null)?.blur();
  };
  const openItems = (focus: () => void) => {
    setTab('items');
    setLeftOpen(true);
    // At once where it shows already, so that no key is lost.
    focus();
    requestAnimationFrame(focus);
  };
  const openSearch = () =>
    openItems(() => {
      if (document.activeElement === searchField.current) return;
      searchField.current?.focus();
      searchField.current?.select();
    });
  const openTree = () => {
    setQuery('');
    openItems(() => document.querySelector<HTMLElement>('.work-left [role=treeitem][tabindex="0"]')?.focus());
  };
  const closeItems = () => {
    setTab('queue');
    setLeftOpen(false);
    setQuery('');
    focusList();
  };
  const resume = () => {
    lastActive.current = Date.now();
    void bench.resume();
  };

  const run = (command: WorkCommand): boolean => {
    switch (command.kind) {
      case 'choose':
        return choose(candidates[command.index]);
      case 'move':
        if (candidates.length === 0) return false;
        setActive((at) => Math.min(Math.max(at + command.by, 0), candidates.length - 1));
        return true;
      case 'accept':
        if (review !== null) return choose(active >= 0 ? candidates[active] : decided);
        if (state?.phase === 'starting') return false;
        resume();
        return true;
      case 'keep-label':
        return choose(review?.label ?? undefined);
      case 'skip':
        skip();
        return true;
      case 'undo':
        void bench.undo();
        return true;
      case 'note':
        noteField.current?.focus();
        return noteField.current !== null;
      case 'pause':
        void (state?.phase === 'paused' ? bench.resume() : bench.pause());
        return true;
      case 'search':
        openSearch();
        return true;
      case 'tree':
        openTree();
        return true;
      case 'copy': {
        const code = (active >= 0 ? candidates[active] : decided)?.code;
        if (code) void copy(code);
        return code !== undefined;
      }
      case 'help':
        setHelpOpen(true);
        return true;
      case 'results':
        focusList();
        return true;
      case 'escape':
        return stepBack();
    }
  };
  const stepBack = (): boolean => {
    if (document.activeElement === searchField.current && query !== '') setQuery('');
    else if (tab === 'items' || (leftOpen && matchMedia(itemsOverPage).matches)) closeItems();
    else if (placeOf(document.activeElement) === 'field') focusList();
    else return false;
    return true;
  };

  const runRef = useRef(run);
  runRef.current = run;
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      lastActive.current = Date.now();
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const command = workCommandOf(event, placeOf(event.target));
      if (command && runRef.current(command)) event.preventDefault();
    };
    const move = () => {
      lastActive.current = Date.now();
    };
    addEventListener('keydown', press);
    addEventListener('pointerdown', move);
    addEventListener('wheel', move, { passive: true });
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('pointerdown', move);
      removeEventListener('wheel', move);
    };
  }, []);

  return (
    <div class="page">
      <PageHeader nav={nav} openItems={() => setLeftOpen(true)} openHelp={() => setHelpOpen(true)}>
        {review !== null && (
          <button type="button" class="button button-small" onClick={() => void bench.pause()}>
            暂停 <kbd>P</kbd>
          </button>
        )}
      </PageHeader>
      <main class="panes">
        <LeftPane
          open={leftOpen}
          tab={tab}
          setTab={setTab}
          state={state}
          openReview={(id) => {
            setLeftOpen(false);
            void bench.open(id);
          }}
          undo={(id) => void bench.undo(id)}
          filter={(cause) => void bench.filter(cause)}
          close={closeItems}
          finder={{
            digest,
            query,
            within: [],
            input: searchField,
            setQuery,
            choose: (item) => {
              if (choose(item)) closeItems();
            },
            copy: (code) => void copy(code),
            close: () => {},
          }}
        />
        <ReviewTicketPane
          state={state}
          stopwatch={stopwatch}
          note={note}
          noteField={noteField}
          setNote={setNote}
          resume={resume}
          renew={() => void bench.renew()}
        />
        <ReviewPane
          state={state}
          decided={decided}
          candidates={candidates}
          active={active}
          list={list}
          copied={copied}
          accept={() => choose(decided)}
          choose={(index) => choose(candidates[index])}
          copy={(code) => void copy(code)}
          skip={skip}
          undo={() => void bench.undo()}
        />
      </main>
      <PageFooter ready={ready} waiting={waiting} />
      <p class="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
        {said}
      </p>
      <KeyHelp open={helpOpen} rows={workKeyHelp} close={() => setHelpOpen(false)} />
    </div>
  );
}
