/** The page: what is typed, asked, answered and chosen, and the keys over all of it. */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { SessionBody } from '../server/account-schemas.js';
import type { FeedbackRequest } from '../server/feedback-schemas.js';
import type { ItemRefBody } from '../server/schemas.js';
import { type Answer, askSuggestion, type Question } from './api.js';
import { Asker, type AskState } from './asker.js';
import { copyText } from './clipboard.js';
import type { Choice, Recorded } from './components/choice-tray.js';
import { ItemPanel } from './components/item-panel.js';
import { KeyHelp } from './components/key-help.js';
import { PageFooter } from './components/page-footer.js';
import { PageHeader } from './components/page-header.js';
import { provinceLevel, ResultPane } from './components/result-pane.js';
import { type Draft, TicketPane } from './components/ticket-pane.js';
import { FeedbackSender } from './feedback-sender.js';
import { placeOf } from './focus-place.js';
import { learnPaths } from './item-paths.js';
import { type Command, commandOf } from './keys.js';
import { serverNow } from './server-clock.js';
import { candidateCount, ticketLimits } from './ticket-limits.js';
import { useReady } from './use-ready.js';
import { useStopwatch } from './use-stopwatch.js';
import { announce } from './wording.js';
import { sendFeedback } from './workplace-api.js';

/** Long enough not to ask at every key, short enough to feel immediate. */
const pauseMs = 400;
/** Where the items lie over the page instead of beside it; as in layout.css. */
const itemsOverPage = '(max-width: 1099px)';
const emptyDraft: Draft = { title: '', text: '' };

interface Props {
  /** null: nobody is signed in, and what is chosen is recorded nowhere. */
  readonly session: SessionBody | null;
  readonly nav: ComponentChildren;
}

export function App({ session, nav }: Props) {
  const [ticket, setTicket] = useState(newTicketId);
  const [recorded, setRecorded] = useState<Recorded>(null);
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [composing, setComposing] = useState(false);
  const [within, setWithin] = useState<readonly ItemRefBody[]>([]);
  const [level, setLevel] = useState<number | undefined>(undefined);
  const [state, setState] = useState<AskState<Question, Answer>>({ kind: 'idle' });
  const [active, setActive] = useState(-1);
  const [choice, setChoice] = useState<Choice | null>(null);
  const [said, setSaid] = useState('');
  const [query, setQuery] = useState('');
  const [itemsOpen, setItemsOpen] = useState(false);
  const [helpOpen, setHelpOpen] = useState(false);
  const { ready, waiting, learn } = useReady();

  const textField = useRef<HTMLTextAreaElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);

  const asker = useMemo(
    () =>
      new Asker<Question, Answer>({
        ask: (question, signal) => askSuggestion(question, candidateCount, signal),
        changed: setState,
        pauseMs,
      }),
    [],
  );
  useEffect(() => {
    const online = () => asker.askNow();
    addEventListener('online', online);
    return () => {
      removeEventListener('online', online);
      asker.stop();
    };
  }, [asker]);

  const tooLong =
    draft.title.length > ticketLimits.titleLength || draft.text.length > ticketLimits.textLength;
  const isBlank = draft.title.trim() === '' && draft.text.trim() === '';
  useEffect(() => {
    // What an input method is still composing is not text yet.
    if (composing) return;
    const question = {
      ...(session === null ? {} : { ticket }),
      ...draft,
      within: within.map(({ item }) => item),
      level,
    };
    asker.change(isBlank || tooLong ? null : question);
  }, [asker, session, ticket, draft, composing, within, level, isBlank, tooLong]);
  // What nobody was signed in for is asked again by whoever is.
  useEffect(() => asker.askNow(), [asker, session]);

  const answered = state.kind === 'answered' ? state.last : null;
  const answer = answered?.answer;
  useEffect(() => {
    setActive(-1);
    if (!answer) return;
    learn({ model: answer.model, taxonomy: answer.taxonomy });
    learnPaths(answer.taxonomy.digest, answer.result.candidates);
    setSaid(announce(answer.result.decision, answer.result.candidates.length));
  }, [answer, learn]);
  // A choice belongs to the ticket it was made for.
  useEffect(() => setChoice(null), [draft]);

  const copy = useCallback(async (code: string) => {
    const copied = await copyText(code);
    setSaid(copied ? `已复制 ${code}` : '浏览器不让复制');
    setChoice((now) => (now?.item.code === code ? { ...now, copied } : now));
  }, []);

  const decision = answer?.result.decision;
  const candidates = answer?.result.candidates ?? [];
  const decided: ItemRefBody | undefined =
    decision && decision.item !== null
      ? { item: decision.item, code: decision.code!, short: decision.short!, name: decision.name! }
      : undefined;
  const stopwatch = useStopwatch(answer);
  const sender = useFeedbackSender(session, setRecorded);
  const suggestion = answered && sameText(answered.question, draft) ? answer?.result.suggestionId : undefined;
  const give = (feedback: Pick<FeedbackRequest, 'kind' | 'item' | 'milliseconds'>) => {
    if (session === null || suggestion === undefined) return;
    sender.give({ suggestionId: suggestion, ticket, ...feedback }, serverNow());
  };
  const choose = (item: ItemRefBody | undefined) => {
    if (!item) return;
    setChoice({ item, copied: null });
    setRecorded(null);
    void copy(item.code);
    give({
      kind: item.item === decided?.item ? 'accepted' : 'corrected',
      item: item.item,
      milliseconds: stopwatch.current.milliseconds,
    });
  };
  const undo = () => {
    if (choice === null) return;
    setChoice(null);
    give({ kind: 'withdrawn' });
  };
  const chooseCandidate = (index: number) => {
    if (!candidates[index]) return;
    setActive(index);
    choose(candidates[index]);
  };
  const toggleFilter = (item: ItemRefBody) =>
    setWithin((before) =>
      before.some((one) => one.item === item.item)
        ? before.filter((one) => one.item !== item.item)
        : [...before, item].slice(-ticketLimits.filterCodes),
    );
  const begin = (next: Draft) => {
    setTicket(newTicketId());
    setDraft(next);
  };
  const clear = () => {
    begin(emptyDraft);
    textField.current?.focus();
  };
  const openSearch = () => {
    setItemsOpen(true);
    const focus = () => {
      searchField.current?.focus();
      searchField.current?.select();
    };
    // At once, so that no key is lost; where the panel is still hidden, when it shows.
    focus();
    if (document.activeElement !== searchField.current) requestAnimationFrame(focus);
  };
  const closeItems = () => {
    setItemsOpen(false);
    focusResults(list.current);
  };

  const run = (command: Command): boolean => {
    switch (command.kind) {
      case 'choose':
        chooseCandidate(command.index);
        return candidates.length > command.index;
      case 'move': {
        if (candidates.length === 0) return false;
        setActive((at) => Math.min(Math.max(at + command.by, 0), candidates.length - 1));
        return true;
      }
      case 'accept':
        choose(active >= 0 ? candidates[active] : decided);
        return true;
      case 'copy': {
        const code = (choice?.item ?? (active >= 0 ? candidates[active] : decided))?.code;
        if (code) void copy(code);
        return code !== undefined;
      }
      case 'search':
        openSearch();
        return true;
      case 'edit':
        textField.current?.focus();
        return true;
      case 'clear':
        clear();
        return true;
      case 'help':
        setHelpOpen(true);
        return true;
      case 'results':
        asker.askNow();
        focusResults(list.current);
        return true;
      case 'escape':
        return stepBack();
    }
  };
  /** The nearest thing that can be left, closed or undone. */
  const stepBack = (): boolean => {
    const focused = document.activeElement;
    if (focused === searchField.current) {
      if (query !== '') setQuery('');
      else closeItems();
      return true;
    }
    if (itemsOpen && matchMedia(itemsOverPage).matches) closeItems();
    else if (focused instanceof HTMLTextAreaElement) focusResults(list.current);
    else if (choice) undo();
    else return false;
    return true;
  };

  const runRef = useRef(run);
  runRef.current = run;
  const beginRef = useRef(begin);
  beginRef.current = begin;
  // Before the first frame: a key pressed as soon as the page shows is not lost.
  useLayoutEffect(() => {
    const press = (event: KeyboardEvent) => {
      // The dialog's keys are the browser's.
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return;
      const command = commandOf(event, placeOf(event.target));
      if (command && runRef.current(command)) event.preventDefault();
    };
    // Pasted outside the fields it is a new ticket, and the digits choose at once.
    const paste = (event: ClipboardEvent) => {
      if (placeOf(event.target) === 'field' || document.querySelector('dialog[open]')) return;
      const pasted = event.clipboardData?.getData('text/plain') ?? '';
      if (pasted.trim() === '') return;
      event.preventDefault();
      beginRef.current({ title: '', text: pasted.replace(/\r\n?/g, '\n') });
    };
    addEventListener('keydown', press);
    addEventListener('paste', paste);
    return () => {
      removeEventListener('keydown', press);
      removeEventListener('paste', paste);
    };
  }, []);

  const levels = ready && ready.taxonomy.depth > provinceLevel ? { level, set: setLevel } : undefined;
  return (
    <div class="page">
      <PageHeader nav={nav} openItems={openSearch} openHelp={() => setHelpOpen(true)} />
      <main class="panes">
        <ItemPanel
          digest={ready?.taxonomy.digest ?? ''}
          open={itemsOpen}
          query={query}
          within={within.map(({ item }) => item)}
          input={searchField}
          setQuery={setQuery}
          choose={(item) => {
            choose(item);
            setItemsOpen(false);
          }}
          copy={copy}
          filter={toggleFilter}
          close={closeItems}
        />
        <TicketPane
          draft={draft}
          evidence={answered && sameText(answered.question, draft) ? answered.answer.result.evidence : []}
          within={within}
          text={textField}
          change={(next, isComposing) => {
            setComposing(isComposing);
            setDraft(next);
          }}
          clear={clear}
          tryExample={({ title, text }) => {
            begin({ title, text });
            textField.current?.focus();
          }}
          release={(item) => setWithin((before) => before.filter((one) => one.item !== item))}
        />
        <ResultPane
          state={state}
          tooLong={tooLong}
          active={active}
          choice={choice}
          list={list}
          levels={levels}
          accept={() => choose(decided)}
          choose={chooseCandidate}
          copy={copy}
          recorded={recorded}
          undo={undo}
          retry={() => asker.askNow()}
        />
      </main>
      <PageFooter ready={ready} waiting={waiting} />
      <p class="visually-hidden" role="status" aria-live="polite" aria-atomic="true">
        {said}
      </p>
      <KeyHelp open={helpOpen} close={() => setHelpOpen(false)} />
    </div>
  );
}

function sameText(question: Question, draft: Draft): boolean {
  return question.title === draft.title && question.text === draft.text;
}

/** Out of the field, so that digits choose; the list may not be there yet. */
function focusResults(list: HTMLDivElement | null): void {
  if (list) list.focus({ preventScroll: true });
  else (document.activeElement as HTMLElement | null)?.blur();
}

/** Ours for a ticket that was typed here; `crypto.randomUUID` is missing on an intranet's plain HTTP. */
function newTicketId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(9));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

function useFeedbackSender(session: SessionBody | null, tell: (recorded: Recorded) => void): FeedbackSender {
  const sender = useMemo(
    () =>
      new FeedbackSender({
        send: sendFeedback,
        changed: (waiting, error) =>
          tell(error?.kind === 'refused' ? 'refused' : waiting > 0 ? 'waiting' : 'sent'),
      }),
    [tell],
  );
  useEffect(() => {
    const online = () => sender.tryNow();
    online();
    addEventListener('online', online);
    return () => removeEventListener('online', online);
  }, [sender, session]);
  return sender;
}
