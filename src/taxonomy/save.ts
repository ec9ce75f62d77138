/**
 * A taxonomy → CSV, XLSX, SKOS (JSON-LD) or JSON. Whatever is written loads again with the same digest and
 * words; id, version and title of CSV and XLSX stand in `<name>.meta.json` beside the file.
 */
import { rename, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { DuihaoError } from '../errors.js';
import type { Item } from './item.js';
import { referenceTo } from './reference.js';
import { taxonomyToSkos } from './skos.js';
import { differsFromForm, taxonomyToJson } from './snapshot.js';
import type { Taxonomy } from './taxonomy.js';

interface Column {
  readonly heading: string;
  readonly cell: (item: Item) => string;
  /** Left out where no item has anything in it. */
  readonly optional: boolean;
}

function columnsOf(taxonomy: Taxonomy): Column[] {
  const parent = (item: Item) => {
    const above = taxonomy.parentOf(item);
    return above ? referenceTo(taxonomy, above) : '';
  };
  const successors = (item: Item) =>
    item.successors
      .map((id) => taxonomy.byId(id))
      .filter((one) => one !== undefined)
      .map((one) => referenceTo(taxonomy, one))
      .join(';');
  const all: Column[] = [
    { heading: 'code', cell: (item) => item.code, optional: false },
    { heading: 'parent', cell: parent, optional: false },
    { heading: 'name', cell: (item) => item.name, optional: false },
    { heading: 'words', cell: (item) => item.words.join(';'), optional: false },
    { heading: 'retired', cell: (item) => (item.retired ? 'true' : ''), optional: true },
    { heading: 'successors', cell: successors, optional: true },
    {
      heading: 'catchAll',
      cell: (item) => (differsFromForm(taxonomy, item) ? String(item.isCatchAll) : ''),
      optional: true,
    },
    { heading: 'owner', cell: (item) => item.owner, optional: true },
  ];
  return all.filter(({ optional, cell }) => !optional || taxonomy.items.some((item) => cell(item) !== ''));
}

/** Headings first. */
export function taxonomyToTable(taxonomy: Taxonomy): string[][] {
  const columns = columnsOf(taxonomy);
  return [
    columns.map(({ heading }) => heading),
    ...taxonomy.items.map((item) => columns.map(({ cell }) => cell(item))),
  ];
}

export function taxonomyToCsv(taxonomy: Taxonomy): string {
  return stringify(taxonomyToTable(taxonomy), { record_delimiter: '\n' });
}

/** Every cell as text, so that leading zeros stay. */
export async function taxonomyToXlsx(taxonomy: Taxonomy): Promise<Buffer> {
  const cells = taxonomyToTable(taxonomy).map((row) =>
    row.map((value) => (value === '' ? null : { value, type: String })),
  );
  // Not before it is needed: a server that starts would read its 78 files for nothing.
  const { default: writeXlsx } = await import('write-excel-file/node');
  return writeXlsx(cells, { sheet: 'items', stickyRowsCount: 1 }).toBuffer();
}

/**
 * Written beside and renamed, so that a reader never sees half a file.
 * @throws DuihaoError `file-format-unknown`
 */
export async function saveTaxonomy(taxonomy: Taxonomy, path: string): Promise<void> {
  const format = extname(path).toLowerCase();
  switch (format) {
    case '.csv':
      await replaceFile(path, taxonomyToCsv(taxonomy));
      break;
    case '.xlsx':
      await replaceFile(path, await taxonomyToXlsx(taxonomy));
      break;
    case '.jsonld':
      return replaceFile(path, jsonText(taxonomyToSkos(taxonomy)));
    case '.json':
      return replaceFile(path, jsonText(taxonomyToJson(taxonomy)));
    default:
      throw new DuihaoError(
        'invalid-input',
        'file-format-unknown',
        `${path}：可写 .csv、.xlsx、.jsonld（SKOS）或 .json`,
        { path },
      );
  }
  const meta = { ...taxonomy.meta, scheme: taxonomy.scheme };
  await replaceFile(`${path.slice(0, -format.length)}.meta.json`, jsonText(meta));
}

const jsonText = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  const beside = `${path}.${process.pid}.tmp`;
  await writeFile(beside, content);
  await rename(beside, path);
}
