/** What every figure has: a title, a sentence, a chart, the rows as a table, and all of them as CSV. */
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { ApiError } from '../api.js';
import { FailureNotice } from '../components/notice.js';
import { csvPath, readStatistics, type StatisticsPath } from '../statistics-api.js';

export type Figures<T> =
  | { readonly kind: 'loading'; readonly last: T | null }
  | { readonly kind: 'ready'; readonly last: T }
  | { readonly kind: 'failed'; readonly error: ApiError; readonly last: null };

/** Asked for again when the path changes; the old answer stays until the new one is there. */
export function useFigures<T>(path: StatisticsPath): { readonly figures: Figures<T>; retry(): void } {
  const [figures, setFigures] = useState<Figures<T>>({ kind: 'loading', last: null });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const asked = new AbortController();
    setFigures((before) => ({ kind: 'loading', last: before.last }));
    readStatistics<T>(path, asked.signal).then(
      (last) => setFigures({ kind: 'ready', last }),
      (error: unknown) => {
        if (asked.signal.aborted) return;
        const failure = error instanceof ApiError ? error : new ApiError('broken', 0, 'page-failed');
        setFigures({ kind: 'failed', error: failure, last: null });
      },
    );
    return () => asked.abort();
  }, [path, attempt]);
  return { figures, retry: () => setAttempt((count) => count + 1) };
}

export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

interface Props<T> {
  readonly title: string;
  /** What is counted, for who asks. */
  readonly about: string;
  readonly path: StatisticsPath;
  readonly figures: Figures<T>;
  readonly wide?: boolean;
  readonly tools?: ComponentChildren;
  retry(): void;
  summary(data: T): string;
  /** Nothing to draw: the sentence says so. */
  empty(data: T): boolean;
  chart(data: T): ComponentChildren;
  table(data: T): Table;
}

export function Figure<T>(props: Props<T>) {
  const { title, about, path, figures, wide = false, tools } = props;
  const id = useId();
  const data = figures.last;
  return (
    <section
      class={wide ? 'figure figure-wide' : 'figure'}
      aria-labelledby={id}
      aria-busy={figures.kind === 'loading'}
    >
      <header class="figure-head">
        <h2 id={id}>{title}</h2>
        {tools}
        <a class="figure-csv" href={csvPath(path)} download aria-label={`下载 CSV：${title}`}>
          下载 CSV
        </a>
      </header>
      {figures.kind === 'failed' &&
        (figures.error.status === 404 ? (
          <p class="figure-summary muted">这台服务器没有这项统计。</p>
        ) : (
          <FailureNotice error={figures.error} retryIn={null} retry={props.retry} />
        ))}
      {figures.kind === 'loading' && data === null && (
        <div class="skeleton" aria-hidden="true">
          <div class="skeleton-card" />
        </div>
      )}
      {data !== null && (
        <>
          <p class="figure-summary">{props.summary(data)}</p>
          {!props.empty(data) && (
            <>
              <div class="figure-chart">{props.chart(data)}</div>
              <Rows title={title} table={props.table(data)} />
            </>
          )}
        </>
      )}
      <p class="figure-about muted">{about}</p>
    </section>
  );
}

/** As many rows as somebody would read here; the CSV has them all. */
const shownRows = 50;

function Rows({ title, table }: { title: string; table: Table }) {
  const { columns, rows } = table;
  return (
    <details class="figure-rows">
      <summary>以表格查看</summary>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a table that scrolls must be reachable by keyboard */}
      <section class="figure-table" aria-label={`${title}，表格`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shownRows).map((row) => (
              <tr key={row.join('\t')}>
                {row.map((cell, index) => (
                  <td key={columns[index]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
        {rows.length > shownRows && <p class="muted">另有 {rows.length - shownRows} 行，见 CSV。</p>}
      </section>
    </details>
  );
}
