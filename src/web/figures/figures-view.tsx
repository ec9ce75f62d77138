/** The manager's view: how the suggestions are taken, what they cost, and what the tree lacks. */
import { useState } from 'preact/hooks';
import { PageFooter } from '../components/page-footer.js';
import { PageHeader } from '../components/page-header.js';
import { serverNow } from '../server-clock.js';
import type { Days } from '../statistics-api.js';
import { useReady } from '../use-ready.js';
import type { ViewProps } from '../view-props.js';
import { CatchAlls } from './catch-alls.js';
import { Clusters } from './cluster-bars.js';
import { Corrections } from './corrections.js';
import { DailyAcceptance } from './daily-acceptance.js';
import { ItemAcceptance } from './item-acceptance.js';
import { Models } from './models.js';
import { ShadowPairs } from './shadow.js';
import { SpanPicker } from './span-picker.js';
import { lastDays } from './spans.js';
import { Coverage } from './target-coverage.js';
import { TimePerTicket } from './time-per-ticket.js';
import '../style/figures.css';

export function FiguresView({ nav }: ViewProps) {
  const [days, setDays] = useState<Days>(() => lastDays(30, serverNow()));
  const { ready, waiting } = useReady();
  return (
    <div class="page">
      <PageHeader nav={nav} />
      <main class="figures">
        <SpanPicker days={days} set={setDays} />
        <div class="figures-grid">
          <DailyAcceptance days={days} />
          <TimePerTicket days={days} />
          <ItemAcceptance days={days} />
          <Corrections days={days} />
          <Models days={days} />
          <ShadowPairs days={days} />
          <Coverage days={days} />
          <CatchAlls days={days} />
          <Clusters days={days} />
        </div>
      </main>
      <PageFooter ready={ready} waiting={waiting} />
    </div>
  );
}
