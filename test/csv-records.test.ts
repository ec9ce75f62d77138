import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CsvRecord,
  csvRecords,
  quoteCell,
  quoteRaw,
  rawCell,
  unquote,
} from '../src/table/csv-records.js';

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

  it('have the cells that another parser finds, where no quote is left open', async () => {
    await fc.assert(
      fc.asyncProperty(
        tricky(['"', '""', ',', '\n', 'a', 'b', '路', ' ', '",', ',"', '"\n']),
        async (content) => {
          let expected: string[][];
          try {
            expected = parse(content, {
              relax_quotes: true,
              relax_column_count: true,
              skip_empty_lines: true,
              record_delimiter: '\n',
            });
          } catch {
            // It gives up on the whole file: see below.
            fc.pre(false);
            return;
          }
          const records = (await split([content])).filter(({ starts }) => starts.length > 0);
          // `"a""b"c` is broken and read differently in its details; both see one cell there.
          const broken = records.some((record) =>
            record.starts.some((_, at) => {
              const raw = rawCell(record, at, ',');
              return raw.startsWith('"') && unquote(raw) === raw;
            }),
          );
          if (broken)
            expect(records.map(({ starts }) => starts.length)).toEqual(expected.map(({ length }) => length));
          else expect(records.map((record) => cells(record))).toEqual(expected);
        },
      ),
      { numRuns: 3000 },
    );
  });

  it('know the line they start on, behind blank lines and cells of several lines too', async () => {
    await fc.assert(
      fc.asyncProperty(tricky(['"', ',', '\n', '\r\n', 'a', '"a\nb"']), async (content) => {
        let before = '';
        for (const { raw, lineEnd, line } of await split([content])) {
          expect(line).toBe(before.split('\n').length);
          before += raw + lineEnd;
        }
      }),
      { numRuns: 1000 },
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
