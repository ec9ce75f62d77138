/** Everything about a run that is settled before its first row: the source, the columns, the answers, the identity. */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DuihaoError } from '../errors.js';
import type { SuggestService } from '../suggest/suggest-service.js';
import { formatOfName, type TableFormat } from '../table/table.js';
import { guessColumns, type TicketColumns } from '../table/ticket-columns.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import { type Facet, type FacetColumn, type FacetTable, facetColumns } from '../taxonomy/facets.js';
import { type AnswerColumns, answerColumns } from './answer-columns.js';
import { suggestPatiently } from './ask.js';
import type { RunIdentity } from './journal.js';
import type { RelabelOptions } from './relabel-options.js';
import { type RowWriter, rowWriter } from './row-writer.js';
import { openSource, type Source } from './source.js';

export interface Plan {
  readonly source: Source;
  /** A workbook is written as CSV first. */
  readonly format: TableFormat;
  readonly columns: TicketColumns;
  readonly facetColumns: readonly FacetColumn[];
  readonly answers: AnswerColumns;
  readonly writer: RowWriter;
  readonly run: RunIdentity;
}

/**
 * @throws DuihaoError `output-format-unknown`, `level-out-of-range`, `folder-not-found`, `output-is-input`; those of
 *   `openSource` and `guessColumns`
 */
export async function prepare(
  service: SuggestService,
  options: RelabelOptions,
  output: string,
): Promise<Plan> {
  const { level } = options;
  if (level !== undefined && !(Number.isInteger(level) && level >= 1 && level <= service.taxonomy.depth)) {
    throw new DuihaoError(
      'invalid-input',
      'level-out-of-range',
      `the model's tree has the levels 1–${service.taxonomy.depth}`,
      { depth: service.taxonomy.depth },
    );
  }
  const format = outputFormat(output);
  await refuseBadPlace(options.input, output);
  const source = await openSource(options.input, options);
  const columns = guessColumns(source.columns, options.columns, false);
  const given = options.facets ? facetColumns(options.facets, source.columns) : [];
  const facets = await facetsOfAnswers(service, options.facets, given);
  const answers = answerColumns(source.columns, facets, options.table !== undefined);
  const run: RunIdentity = {
    input: source.digest,
    inputBytes: source.bytes,
    model: `${service.model.id} ${service.model.version}`,
    taxonomy: service.taxonomy.digest,
    options: {
      format: source.format,
      encoding: source.text.encoding,
      sheet: options.sheet ?? null,
      output: format,
      columns,
      level: level ?? null,
      batch: options.batch ?? 256,
      added: answers.names,
      facets: given.map(({ column, facet }) => [column, facet.id]),
      table: options.table ? describeTable(options.table) : null,
    },
  };
  return {
    source,
    format,
    columns,
    facetColumns: given,
    answers,
    writer: rowWriter(source, format === 'jsonl' ? 'jsonl' : 'csv', answers),
    run,
  };
}

function outputFormat(output: string): TableFormat {
  const format = formatOfName(output);
  if (format) return format;
  throw new DuihaoError(
    'invalid-input',
    'output-format-unknown',
    `${output}: write to .csv, .jsonl or .xlsx`,
    { output },
  );
}

async function refuseBadPlace(input: string, output: string): Promise<void> {
  const folder = await stat(dirname(output)).catch(() => null);
  if (!folder?.isDirectory()) {
    throw new DuihaoError('not-found', 'folder-not-found', `there is no folder ${dirname(output)}`, {
      output,
    });
  }
  const [from, to] = [await stat(input).catch(() => null), await stat(output).catch(() => null)];
  if (from && to && from.dev === to.dev && from.ino === to.ino) {
    throw new DuihaoError(
      'invalid-input',
      'output-is-input',
      `${output} is the input itself; write to another file`,
      { output },
    );
  }
}

/** The facets a model answers with are seen from an answer: the seam does not list them. */
async function facetsOfAnswers(
  service: SuggestService,
  table: FacetTable | undefined,
  given: readonly FacetColumn[],
): Promise<Pick<Facet, 'id' | 'name'>[]> {
  const facets = Object.fromEntries(given.map(({ facet }) => [facet.id, facet.values[0]!.code]));
  const [probe] = await suggestPatiently(service, [{ id: 'probe', text: '小区门口路灯不亮', facets }], {
    k: 1,
    evidence: false,
  });
  return probe!.facets.map(({ facet }) => ({
    id: facet,
    name: table?.facets.find(({ id }) => id === facet)?.name ?? facet,
  }));
}

/** What a correspondence table says, short: the same digest, the same answers. */
function describeTable(table: CorrespondenceTable): unknown {
  const entries = table.entries.map(({ from, to, weight }) => `${from}\t${to.id}\t${weight}`);
  return {
    old: table.from?.digest ?? null,
    entries: createHash('sha256').update(entries.join('\n')).digest('hex'),
  };
}
