import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  type CsvRecord,
  csvRecords,
  quoteCell,
  quoteRaw,
  rawCell,
  unquote,
} from '../../src/relabel/csv-records.js';
import { openTable } from '../../src/table/table.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'duihao-csv-records-'));
});

async function split(pieces: readonly string[], maxRecord?: number, delimiter = ','): Promise<CsvRecord[]> {
  async function* source() {
    yield* pieces;
  }
  const records: CsvRecord[] = [];
  for await (const record of csvRecords(source(), delimiter, maxRecord)) records.push(record);
  return records;
}
const cells = (record: CsvRecord, delimiter = ',') =>
  record.starts.map((_, at) => unquote(rawCell(record, at, delimiter)));

interface Row {
  readonly row: number;
  readonly x: unknown;
  readonly y: unknown;
  readonly fault: string | undefined;
}

/** Text that is mostly about quotes, delimiters and line ends. */
const tricky = (alphabet: readonly string[]) =>
  fc.array(fc.constantFrom(...alphabet), { maxLength: 40 }).map((parts) => parts.join(''));

describe('CSV records', () => {
  it('keep every character of the file, however it is cut into pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tricky(['"', ',', '\n', '\r\n', '\r', 'a', '路', ' ']), { maxLength: 6 }),
        async (pieces) => {
          const records = await split(pieces);
          expect(records.map(({ raw, lineEnd }) => raw + lineEnd).join('')).toBe(pieces.join(''));
          // The old Macintosh's line end is known only once a piece holds one: otherwise the cut is no matter.
          if (!/\r(?!\n)/.test(pieces.join(''))) expect(records).toEqual(await split([pieces.join('')]));
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('have the cells and lines that the table reader gives, where no quote is left open', async () => {
    const path = join(folder, 'parity.csv');
    await fc.assert(
      fc.asyncProperty(
        tricky(['"', '""', ',', '\n', 'a', 'b', '路', ' ', '",', ',"', '"\n']),
        async (body) => {
          const content = `x,y\n${body}`;
          await writeFile(path, content);
          const expected: Row[] = [];
          const table = await openTable(path, { encoding: 'utf-8', format: 'csv' });
          let open = false;
          for await (const { row, cells: found, fault } of table.rows) {
            open ||= fault === 'row-malformed';
            expected.push({ row, x: found?.x, y: found?.y, fault });
          }
          fc.pre(!open);
          const records = (await split([content])).filter(({ starts }) => starts.length > 0).slice(1);
          // Behind a blank line the table reader counts one line too few.
          const blank = content.includes('\n\n');
          // `"a""b"c` is broken and read differently in its details; both see one cell there.
          const broken = records.some((record) =>
            record.starts.some((_, at) => {
              const raw = rawCell(record, at, ',');
              return raw.startsWith('"') && unquote(raw) === raw;
            }),
          );
          const found = records.map((record): Row => {
            const [x, y = ''] = cells(record);
            return { row: record.line, x, y, fault: record.starts.length === 2 ? undefined : 'column-count' };
          });
          const comparable = (rows: readonly Row[]) =>
            rows.map(({ row, x, y, fault }) => [blank || row, broken || x, broken || y, fault]);
          expect(comparable(found)).toEqual(comparable(expected));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('lose one line to a quote that is never closed, not the rest of the file', async () => {
    const records = await split(['id,text\n1,"lost\n2,b\n3,c\n']);
    expect(records.map(({ raw, fault, line }) => [line, raw, fault])).toEqual([
      [1, 'id,text', undefined],
      [2, '1,"lost', 'row-malformed'],
      [3, '2,b', undefined],
      [4, '3,c', undefined],
    ]);
  });

  it('give up on a lost quote once a record is too large, and cut a line that does not end', async () => {
    const lost = await split([`1,"lost\n${'2,b\n'.repeat(20)}`, '3,"c"\n'], 32);
    expect(lost[0]).toMatchObject({ raw: '1,"lost', fault: 'row-malformed' });
    expect(lost).toHaveLength(22);
    const endless = await split(['a'.repeat(100), '\nb\n'], 32);
    expect(endless.slice(0, 3).map(({ fault, raw }) => [fault, raw.length])).toEqual([
      ['row-too-large', 32],
      ['row-too-large', 32],
      ['row-too-large', 32],
    ]);
    expect(endless.map(({ raw }) => raw).join('')).toBe(`${'a'.repeat(100)}b`);
  });

  it('quote cells so that they read back the same', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(tricky(['"', ',', '\n', '\r', 'a', '，']), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(quoteCell, quoteRaw),
        async (texts, quote) => {
          const line = texts.map((text) => quote(text, ',')).join(',');
          const [record] = await split([`${line}\n`]);
          if (line === '') return;
          expect(cells(record!)).toEqual(texts);
        },
      ),
    );
  });
});
