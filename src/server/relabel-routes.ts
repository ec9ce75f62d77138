/** /v1/relabel-jobs: a file is sent, labelled in its turn, fetched and deleted. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type Request, Router } from 'express';
import { z } from 'zod';
import type { JobRequest, RelabelJob, RelabelJobs } from '../relabel/relabel-jobs.js';
import { Problem } from './problem.js';
import { readQuery } from './validation.js';

const column = z.string().min(1).max(200).optional();

export const relabelJobQuerySchema = z.strictObject({
  output: z.enum(['csv', 'jsonl']).optional().meta({ description: 'By default the format that was sent.' }),
  level: z.coerce.number().int().min(1).max(12).optional(),
  titleColumn: column.meta({ description: 'By default recognised by its heading.' }),
  textColumn: column,
  labelColumn: column.meta({ description: 'The old code; the summary compares with it.' }),
  encoding: z.enum(['utf-8', 'gb18030', 'utf-16le', 'utf-16be']).optional(),
});

const counts = z.record(z.string(), z.number().int().min(0));

export const relabelJobSchema = z
  .strictObject({
    id: z.uuid(),
    state: z.enum(['queued', 'running', 'done', 'failed']),
    created: z.iso.datetime(),
    finished: z.iso.datetime().nullable(),
    progress: z
      .strictObject({ rows: z.number().int(), bytes: z.number().int(), totalBytes: z.number().int() })
      .nullable()
      .meta({ description: 'While it runs.' }),
    summary: z
      .strictObject({
        rows: z.number().int(),
        specific: z.number().int(),
        fellBack: z.number().int(),
        unreadable: z.number().int(),
        fellBackUnder: counts,
        fellBackBecause: counts,
        old: z.strictObject({
          same: z.number().int(),
          changedAtLevel: counts,
          refined: z.number().int(),
          coarser: z.number().int(),
          unknown: z.number().int(),
          missing: z.number().int(),
          withoutItem: z.number().int(),
        }),
        tableNotes: counts,
      })
      .nullable(),
    failure: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    result: z.string().nullable().meta({ description: 'Path of the finished file.' }),
  })
  .meta({ id: 'RelabelJob' });

export const relabelJobsSchema = z
  .strictObject({ jobs: z.array(relabelJobSchema) })
  .meta({ id: 'RelabelJobsResponse' });

export type RelabelJobBody = z.infer<typeof relabelJobSchema>;

const formats: readonly (readonly [type: RegExp, format: JobRequest['format']])[] = [
  [/^text\/csv\s*(;|$)/i, 'csv'],
  [/^application\/(x-ndjson|jsonl|x-jsonlines)\s*(;|$)/i, 'jsonl'],
];
const contentTypes = { csv: 'text/csv', jsonl: 'application/x-ndjson' } as const;

export function relabelRoutes(jobs: RelabelJobs): Router {
  const router = Router();
  const present = (job: RelabelJob): RelabelJobBody => {
    const { id, state, created, finished, summary, failure } = job;
    const result = state === 'done' ? `/v1/relabel-jobs/${id}/result` : null;
    return { id, state, created, finished, progress: jobs.progress(id), summary, failure, result };
  };

  router.post('/v1/relabel-jobs', async (request, response) => {
    const query = readQuery(relabelJobQuerySchema, request);
    const format = formatOf(request);
    refuseTooLarge(request, jobs.maxBytes);
    const asked: JobRequest = {
      format,
      output: query.output ?? format,
      columns: {
        ...(query.titleColumn === undefined ? {} : { title: query.titleColumn }),
        ...(query.textColumn === undefined ? {} : { text: query.textColumn }),
        ...(query.labelColumn === undefined ? {} : { label: query.labelColumn }),
      },
      ...(query.level === undefined ? {} : { level: query.level }),
      ...(query.encoding === undefined ? {} : { encoding: query.encoding }),
    };
    const job = await jobs.create(asked, request).catch((error) => {
      if (!request.readableAborted) throw error;
      throw new Problem(400, 'request-aborted', 'the request ended before its body was complete');
    });
    response.status(202).location(`/v1/relabel-jobs/${job.id}`).json(present(job));
  });

  router.get('/v1/relabel-jobs', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ jobs: jobs.list().map(present) });
  });

  router.get('/v1/relabel-jobs/:id', (request, response) => {
    response.set('Cache-Control', 'no-store').json(present(jobs.get(request.params.id)));
  });

  router.get('/v1/relabel-jobs/:id/result', async (request, response) => {
    const { id } = request.params;
    const path = jobs.result(id);
    const { output } = jobs.get(id).request;
    const { size } = await stat(path);
    response.set({
      'Cache-Control': 'no-store',
      // Without a charset: the file is in the encoding that was sent.
      'Content-Type': contentTypes[output],
      'Content-Length': String(size),
      'Content-Disposition': `attachment; filename="relabelled-${id}.${output}"`,
    });
    if (request.method === 'HEAD') {
      response.end();
      return;
    }
    await pipeline(createReadStream(path), response).catch((error) => {
      // Whoever fetched it has gone away: that is no failure of ours.
      if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  });

  router.delete('/v1/relabel-jobs/:id', async (request, response) => {
    await jobs.delete(request.params.id);
    response.status(204).end();
  });
  return router;
}

function formatOf(request: Request): JobRequest['format'] {
  const type = request.get('Content-Type') ?? '';
  const format = formats.find(([pattern]) => pattern.test(type))?.[1];
  if (!format) {
    throw new Problem(
      415,
      'content-type-unsupported',
      'send the file itself with Content-Type: text/csv or application/x-ndjson',
    );
  }
  if (!/^(identity)?$/i.test(request.get('Content-Encoding') ?? ''))
    throw new Problem(415, 'content-encoding-unsupported', 'send the file uncompressed');
  return format;
}

/** Before a byte is read: the connection is of no more use to a caller who goes on sending. */
function refuseTooLarge(request: Request, most: number): void {
  if (Number(request.get('Content-Length') ?? 0) <= most) return;
  throw new Problem(413, 'upload-too-large', `an upload may have ${most} bytes; split the file`, {
    headers: { Connection: 'close' },
  });
}
