/** Which column holds what: named by flags, or guessed from the headings hotlines use and then shown. */
import { DuihaoError } from '../errors.js';

export interface TicketColumns {
  readonly id?: string;
  readonly title?: string;
  readonly text?: string;
  /** One column with a code, name or path; JSON lines may hold a list here. */
  readonly label?: string;
  /** One column per level instead of `label`, level 1 first. */
  readonly levels?: readonly string[];
  /** A second admissible label. */
  readonly alternative?: string;
  readonly date?: string;
}

type Single = Exclude<keyof TicketColumns, 'levels'>;

/** In order of preference; compared without case, spaces, `_` and `-`. */
const HEADINGS: Readonly<Record<Single, readonly string[]>> = {
  id: ['id', 'ticketid', '工单编号', '工单号', '编号', '流水号', '受理编号', '序号'],
  title: ['title', '标题', '诉求标题', '工单标题', '主题', 'subject'],
  text: [
    'text',
    '内容',
    '诉求内容',
    '工单内容',
    '诉求描述',
    '描述',
    '正文',
    '问题描述',
    '反映内容',
    '来电内容',
    'content',
  ],
  label: [
    'labels',
    'label',
    'code',
    '事项编码',
    '诉求事项编码',
    '诉求编码',
    '分类编码',
    '编码',
    '基本码',
    '诉求事项',
    '事项',
    '分类',
    '诉求分类',
    'item',
    'category',
  ],
  alternative: ['alt', 'alternative', '备选编码', '次要编码'],
  date: [
    'date',
    'time',
    'createdat',
    '日期',
    '时间',
    '受理时间',
    '来电时间',
    '创建时间',
    '登记时间',
    '提交时间',
    '发生时间',
  ],
};

const LEVELS: readonly RegExp[] = [
  /^(?:level|l|label|cat|category)([1-9])(?:code)?$/,
  /^([一二三四五六七八九1-9])级(?:分类|事项|编码|名称|诉求|目录)*$/,
  /^(?:第)?([一二三四五六七八九1-9])层(?:级)?(?:分类|事项|编码|名称)*$/,
];

const plain = (heading: string) => heading.toLowerCase().replace(/[\s_\-（）()]/g, '');

/**
 * @param headings the table's columns, or the keys of the first rows of a JSON-lines file
 * @param named columns named by the user; each must exist
 * @throws DuihaoError `column-unknown` where a named column is not there, `column-missing` where neither
 *   title nor text could be found, or no label
 */
export function guessColumns(
  headings: readonly string[],
  named: TicketColumns = {},
  needLabel = true,
): TicketColumns {
  for (const column of [
    named.id,
    named.title,
    named.text,
    named.label,
    named.alternative,
    named.date,
    ...(named.levels ?? []),
  ]) {
    if (column !== undefined && !headings.includes(column)) {
      throw new DuihaoError(
        'invalid-input',
        'column-unknown',
        `there is no column “${column}”; the columns are: ${headings.join(', ')}`,
        {
          column,
          columns: headings,
        },
      );
    }
  }
  const byPlain = new Map(headings.map((heading) => [plain(heading), heading]));
  const find = (what: Single) =>
    named[what] ?? HEADINGS[what].map((name) => byPlain.get(name)).find((one) => one !== undefined);
  const levels = named.levels ?? guessLevels(headings);
  const label = named.label ?? (named.levels === undefined ? find('label') : undefined);
  const columns: TicketColumns = {
    ...present('id', find('id')),
    ...present('title', find('title')),
    ...present('text', find('text')),
    ...(label !== undefined ? { label } : levels.length > 0 ? { levels } : {}),
    ...present('alternative', find('alternative')),
    ...present('date', find('date')),
  };
  if (columns.text === undefined && columns.title === undefined) {
    throw new DuihaoError(
      'invalid-input',
      'column-missing',
      `no column with the ticket's text was recognised; name it with --text-column. The columns are: ${headings.join(', ')}`,
      {
        columns: headings,
      },
    );
  }
  if (needLabel && columns.label === undefined && columns.levels === undefined) {
    throw new DuihaoError(
      'invalid-input',
      'column-missing',
      `no column with the item's code was recognised; name it with --label-column. The columns are: ${headings.join(', ')}`,
      {
        columns: headings,
      },
    );
  }
  return columns;
}

function present<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { [P in K]?: string });
}

function guessLevels(headings: readonly string[]): string[] {
  const levels: (string | undefined)[] = new Array(10).fill(undefined);
  for (const heading of headings) {
    for (const pattern of LEVELS) {
      const match = pattern.exec(plain(heading));
      if (!match) continue;
      const level = '一二三四五六七八九'.indexOf(match[1]!) + 1 || Number(match[1]);
      // A code column beats a name column of the same level: names may repeat.
      if (levels[level - 1] === undefined || /code|编码/.test(plain(heading))) levels[level - 1] = heading;
    }
  }
  return levels.slice(0, levels.indexOf(undefined)) as string[];
}
