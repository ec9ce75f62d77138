/** Files → labelled tickets over a taxonomy, with an account of every row. */
import { DuihaoError } from '../src/errors.js';
import type { Encoding } from '../src/table/encoding.js';
import type { TicketColumns } from '../src/table/ticket-columns.js';
import { type CorrespondenceTable, loadCorrespondence } from '../src/taxonomy/correspondence.js';
import type { FacetTable } from '../src/taxonomy/facets.js';
import { inferTaxonomy } from '../src/taxonomy/infer.js';
import { loadTaxonomy } from '../src/taxonomy/load.js';
import { loadTaxonomyWithOverlays } from '../src/taxonomy/overlay.js';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { FacetLabels } from './facet-labels.js';
import { labelTickets } from './label-tickets.js';
import type { LabelledTicket } from './labelled-ticket.js';
import { type Rejection, readTickets, type TicketFile } from './read-tickets.js';
import type { FileFacts } from './report/training-facts.js';

export interface DataRequest {
  readonly tickets: readonly string[];
  readonly dev: readonly string[];
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
}

/** @throws DuihaoError `no-tickets`, and those of `readTickets`, `loadTaxonomy`, `loadCorrespondence` */
export async function readTrainingData(
  request: DataRequest,
  onProgress: (file: string, share: number) => void,
): Promise<TrainingData> {
  const read = async (path: string): Promise<TicketFile> =>
    readTickets(path, {
      columns: request.columns,
      encoding: request.encoding,
      facets: request.facets,
      onProgress: ({ bytes, totalBytes }) => onProgress(path, totalBytes > 0 ? bytes / totalBytes : 1),
    });
  const trainFiles: TicketFile[] = [];
  const devFiles: TicketFile[] = [];
  for (const path of request.tickets) trainFiles.push(await read(path));
  for (const path of request.dev) devFiles.push(await read(path));
  const taxonomy = await openTaxonomy(request, [...trainFiles, ...devFiles]);
  const table = request.table ? await openTable(request.table, taxonomy) : null;
  const rejections: Rejection[] = [];
  const facts: FileFacts[] = [];
  const label = (file: TicketFile): LabelledTicket[] => {
    const labelled = labelTickets(taxonomy, file.tickets, table);
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
  const train = trainFiles.flatMap(label);
  const dev = devFiles.flatMap(label);
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
  };
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
