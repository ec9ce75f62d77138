/** What a relabelling is asked for, and what it tells while it runs. */
import type { Encoding } from '../table/encoding.js';
import type { TableFormat } from '../table/table.js';
import type { TicketColumns } from '../table/ticket-columns.js';
import type { CorrespondenceTable } from '../taxonomy/correspondence.js';
import type { FacetTable } from '../taxonomy/facets.js';

export interface RelabelOptions {
  readonly input: string;
  /** `.csv`, `.tsv`, `.txt`, `.jsonl` or `.ndjson`; `.xlsx` for up to `MAX_WORKBOOK_ROWS` rows. */
  readonly output: string;
  readonly encoding?: Encoding | undefined;
  readonly format?: TableFormat | undefined;
  readonly sheet?: string | number | undefined;
  /** Named columns; the others are guessed as in training. */
  readonly columns?: TicketColumns | undefined;
  readonly level?: number | undefined;
  /** Facets that columns of the input may give. */
  readonly facets?: FacetTable | undefined;
  readonly table?: CorrespondenceTable | undefined;
  /** Go on with a run that was broken off; without one, start. */
  readonly resume?: boolean | undefined;
  /** Replace what is there, finished or not. */
  readonly force?: boolean | undefined;
  /** Rows asked about at once. Default 256. */
  readonly batch?: number | undefined;
  /** Batches under way at once: so much the workers have to do while a batch is written. Default 4. */
  readonly inFlight?: number | undefined;
  /** Milliseconds of work that may be lost. Default 1,000; flushing to the disk costs some. */
  readonly checkpoint?: number | undefined;
  readonly onStart?: ((start: RelabelStart) => void) | undefined;
  readonly onProgress?: ((progress: RelabelProgress) => void) | undefined;
  /** Stops at the next batch; the run can be resumed. */
  readonly signal?: AbortSignal | undefined;
}

export interface RelabelStart {
  readonly columns: TicketColumns;
  readonly encoding: Encoding | null;
  /** Rows that an earlier run has done; 0 on a new start. */
  readonly resumedAt: number;
}

export interface RelabelProgress {
  readonly rows: number;
  /** Of the input, read so far. */
  readonly bytes: number;
  readonly totalBytes: number;
}
