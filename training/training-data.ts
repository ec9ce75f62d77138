/** Files → labelled tickets over a taxonomy, with an account of every row. */
import { DuihaoError } from '../src/errors.js';
import type { ChosenLabel } from '../src/store/labels.js';
import type { Encoding } from '../src/table/encoding.js';
import type { TicketColumns } from '../src/table/ticket-columns.js';
import { type CorrespondenceTable, loadCorrespondence } from '../src/taxonomy/correspondence.js';
import type { FacetTable } from '../src/taxonomy/facets.js';
import { inferTaxonomy } from '../src/taxonomy/infer.js';
import { loadTaxonomy } from '../src/taxonomy/load.js';
import { loadTaxonomyWithOverlays } from '../src/taxonomy/overlay.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { FacetLabels } from './facet-labels.js';
import {
  type FeedbackFacts,
  type FeedbackLabels,
  gatherFeedback,
  STORE_FILE,
  ticketsOfStore,
} from './feedback-labels.js';
import { labelTickets } from './label-tickets.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { type Rejection, readTickets, type TicketFile } from './read-tickets.js';
import type { FileFacts } from './report/training-facts.js';

export interface DataRequest {
  readonly tickets: readonly string[];
  readonly dev: readonly string[];
  /** What agents chose: it labels the tickets whose ids it names, instead of what the files say; those may lack codes. */
  readonly feedback?: AsyncIterable<ChosenLabel> | Iterable<ChosenLabel> | undefined;
  /** A file, or `infer`: the tree of the labels' paths. */
  readonly taxonomy: string;
  readonly overlays: readonly string[];
  readonly columns?: TicketColumns | undefined;
  readonly encoding?: Encoding | undefined;
  readonly facets: FacetTable;
  /** Maps the tickets' codes, which are of an older list, to the taxonomy's. */
  readonly table?: { readonly path: string; readonly from?: string | undefined } | undefined;
}

export interface TrainingData {
  readonly taxonomy: Taxonomy;
  readonly train: readonly LabelledTicket[];
  readonly dev: readonly LabelledTicket[];
  readonly rejections: readonly Rejection[];
  readonly files: readonly FileFacts[];
  /** Which column was taken for what, by file. */
  readonly columns: readonly { readonly file: string; readonly columns: TicketColumns }[];
  readonly cut: number;
  /** Facets that a column of the training files tells. */
  readonly facetIds: readonly string[];
  /** Of a training with feedback: what became of the choices. */
  readonly feedback?: FeedbackUse;
}

export interface FeedbackUse extends FeedbackFacts {
  /** Tickets joined with a ticket of the files, and those whose masked text came from the store. */
  readonly joined: number;
  readonly fromStore: number;
}

/** @throws DuihaoError `no-tickets`, and those of `readTickets`, `loadTaxonomy`, `loadCorrespondence` */
export async function readTrainingData(
  request: DataRequest,
  onProgress: (file: string, share: number) => void,
): Promise<TrainingData> {
  const read = async (path: string, needLabel: boolean): Promise<TicketFile> =>
    readTickets(path, {
      needLabel,
      columns: request.columns,
      encoding: request.encoding,
      facets: request.facets,
      onProgress: ({ bytes, totalBytes }) => onProgress(path, totalBytes > 0 ? bytes / totalBytes : 1),
    });
  const trainFiles: TicketFile[] = [];
  const devFiles: TicketFile[] = [];
  for (const path of request.tickets) {
    trainFiles.push(await read(path, request.feedback === undefined));
  }
  for (const path of request.dev) devFiles.push(await read(path, true));
  const taxonomy = await openTaxonomy(request, [...trainFiles, ...devFiles]);
  const table = request.table ? await openTable(request.table, taxonomy) : null;
  const rejections: Rejection[] = [];
  const facts: FileFacts[] = [];
  const feedback = request.feedback ? await gatherFeedback(taxonomy, request.feedback) : null;
  const label = (file: TicketFile, chosen: FeedbackLabels | null): LabelledTicket[] => {
    const labelled = chosen
      ? labelByChoice(taxonomy, file.tickets, table, chosen)
      : labelTickets(taxonomy, file.tickets, table);
    const rejected = [...file.rejections, ...labelled.rejections];
    for (const one of rejected) rejections.push(one);
    facts.push({
      file: file.path.split(/[\\/]/).at(-1) ?? file.path,
      rows: file.rows,
      tickets: labelled.tickets.length,
      rejected: rejected.length,
      encoding: file.encoding,
    });
    return labelled.tickets;
  };
  const dev = devFiles.flatMap((file) => label(file, null));
  const kept = new Set(dev.map(({ ticket }) => ticket.id));
  const fromFiles = trainFiles.flatMap((file) => label(file, feedback));
  const known = new Set([...kept, ...fromFiles.map(({ ticket }) => ticket.id)]);
  const fromStore = feedback ? ticketsOfStore(feedback, known) : [];
  if (feedback) {
    const { length } = fromStore;
    facts.push({ file: STORE_FILE, rows: length, tickets: length, rejected: 0, encoding: null });
  }
  const train = [...fromFiles, ...fromStore];
  if (train.length === 0) {
    const reasons = [...new Set(rejections.map(({ reason }) => reason))];
    throw new DuihaoError(
      'invalid-input',
      'no-tickets',
      `没有一行可以用来训练（${rejections.length} 行未能使用：${reasons.join('、')}）；请检查编码列与分类体系`,
      { rejected: rejections.length, reasons },
    );
  }
  return {
    taxonomy,
    train,
    dev,
    rejections,
    files: facts,
    columns: [...trainFiles, ...devFiles].map(({ path, columns }) => ({ file: path, columns })),
    cut: [...trainFiles, ...devFiles].reduce((sum, { cut }) => sum + cut, 0),
    facetIds: [...new Set(trainFiles.flatMap((file) => file.facetColumns.map(({ facet }) => facet.id)))],
    ...(feedback
      ? {
          feedback: {
            ...feedback.facts,
            joined: new Set(
              fromFiles.map(({ ticket }) => ticket.id).filter((id) => feedback.byTicket.has(id)),
            ).size,
            fromStore: fromStore.length,
          },
        }
      : {}),
  };
}

/** What an agent chose goes before what the file says, in the file's order. */
function labelByChoice(
  taxonomy: Taxonomy,
  written: TicketFile['tickets'],
  table: CorrespondenceTable | null,
  { byTicket, hastyByTicket }: FeedbackLabels,
): ReturnType<typeof labelTickets> {
  const outcome: ReturnType<typeof labelTickets> = { tickets: [], rejections: [], unknownAlternatives: 0 };
  for (const one of written) {
    const choice = byTicket.get(one.ticket.id);
    if (choice) {
      const { ticket, time, source } = one;
      const { labels, weight } = choice;
      outcome.tickets.push({
        ticket,
        labels,
        alternatives: [],
        weight,
        ...(time === undefined ? {} : { time }),
        source,
      });
      continue;
    }
    const labelled = labelTickets(taxonomy, [one], table);
    const hasty = hastyByTicket.get(one.ticket.id);
    if (hasty && labelled.tickets.some(({ labels }) => labels.every((label) => hasty.has(label)))) {
      outcome.rejections.push({
        ...one.source,
        reason: 'label-hasty',
        message: 'the code is a fallback that an agent accepted without reading',
        record: { ...one.ticket, ...one.label },
      });
      continue;
    }
    outcome.tickets.push(...labelled.tickets);
    outcome.rejections.push(...labelled.rejections);
  }
  return outcome;
}

async function openTaxonomy(request: DataRequest, files: readonly TicketFile[]): Promise<Taxonomy> {
  if (request.taxonomy !== 'infer') return loadTaxonomyWithOverlays(request.taxonomy, request.overlays);
  const paths = files.flatMap(({ tickets }) =>
    tickets.flatMap(({ label }) => (label.path ? [label.path] : label.code ? [[label.code]] : [])),
  );
  return inferTaxonomy(paths);
}

async function openTable(
  { path, from }: NonNullable<DataRequest['table']>,
  taxonomy: Taxonomy,
): Promise<CorrespondenceTable> {
  const old = from === undefined ? null : await loadTaxonomy(from, { skipRepeated: true });
  return (await loadCorrespondence(path, taxonomy, old)).table;
}

/** Tickets that must tell a facet before it gets a head: with fewer it would learn which ticket, not which value. */
const ENOUGH_FOR_A_HEAD = 50;

/**
 * What the tickets say of each facet that enough of them tell, in shared memory for the fitting threads.
 * @param rows tickets in the order of the matrix
 */
export function facetLabels(
  table: FacetTable,
  facetIds: readonly string[],
  rows: readonly LabelledTicket[],
): FacetLabels[] {
  return table.facets.flatMap((facet) => {
    if (!facetIds.includes(facet.id)) return [];
    const values = new Int16Array(new SharedArrayBuffer(2 * rows.length)).fill(-1);
    let known = 0;
    for (const [row, { ticket }] of rows.entries()) {
      const code = ticket.facets?.[facet.id];
      const value = code === undefined ? -1 : facet.values.findIndex((one) => one.code === code);
      values[row] = value;
      if (value >= 0) known += 1;
    }
    return known >= ENOUGH_FOR_A_HEAD ? [{ facet: facet.id, size: facet.values.length, values }] : [];
  });
}
