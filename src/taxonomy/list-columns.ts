/** What each column of a list of items holds, guessed from its heading. */

export type ListField =
  | 'code'
  | 'name'
  | 'parent'
  | 'path'
  | 'words'
  | 'retired'
  | 'successors'
  | 'catchAll'
  | 'owner'
  | 'level';

/** In lower case, without spaces, `_`, `-` and brackets. */
const FIELDS: Readonly<Record<ListField, readonly string[]>> = {
  code: [
    'code',
    '编码',
    '代码',
    '事项编码',
    '事项代码',
    '诉求事项编码',
    '分类编码',
    '分类代码',
    '基本码',
    '十位编码',
    'itemcode',
  ],
  name: [
    'name',
    '名称',
    '事项名称',
    '诉求事项名称',
    '诉求事项',
    '事项',
    '分类名称',
    '类别名称',
    'itemname',
    'title',
  ],
  parent: ['parent', 'parentcode', '上级', '上级编码', '上级代码', '父级', '父级编码', '上级事项编码'],
  path: ['path', '路径', '全路径'],
  words: [
    'words',
    'aliases',
    'alias',
    'keywords',
    '检索词',
    '关键词',
    '关键字',
    '别名',
    '俗称',
    '同义词',
    '搜索词',
  ],
  retired: ['retired', 'deprecated', '停用', '废止', '是否停用', '已停用'],
  successors: ['successors', 'successor', 'replacedby', '接替', '接替事项', '接替编码', '替代编码'],
  catchAll: ['catchall', 'iscatchall', '收容项', '是否收容项'],
  owner: ['owner', '编码单位', '所属地市', '地市'],
  level: ['level', '层级', '级别', '级次'],
};

/** Read by people, not by Duihao. */
const IGNORED = [
  '备注',
  '说明',
  '事项说明',
  '范围说明',
  '描述',
  'remark',
  'remarks',
  'note',
  'notes',
  'description',
  '序号',
  '页码',
  'no',
  'id',
];

export type ColumnRole =
  | { readonly kind: 'field'; readonly field: ListField }
  | { readonly kind: 'level'; readonly level: number; readonly part: 'code' | 'name' | 'both' }
  | { readonly kind: 'ignored' }
  | { readonly kind: 'blank' }
  | { readonly kind: 'unknown' };

const NUMERALS = '一二三四五六七八九十';
const CLASSES = ['大类', '中类', '小类', '细类'];

export function roleOf(heading: string): ColumnRole {
  const plain = heading
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_\-()（）【】[\]/*:：]/gu, '');
  if (plain === '' || /^column\d+$/.test(plain)) return { kind: 'blank' };
  for (const [field, names] of Object.entries(FIELDS)) {
    if (names.includes(plain)) return { kind: 'field', field: field as ListField };
  }
  if (IGNORED.includes(plain)) return { kind: 'ignored' };
  const level = levelIn(plain);
  if (level > 0) {
    const part = /编码|代码|code|基本码/.test(plain) ? 'code' : /名称|name|名$/.test(plain) ? 'name' : 'both';
    return { kind: 'level', level, part };
  }
  return { kind: 'unknown' };
}

function levelIn(heading: string): number {
  const numeral = /^第?([一二三四五六七八九十])[级层]/u.exec(heading);
  if (numeral) return NUMERALS.indexOf(numeral[1]!) + 1;
  const digit =
    /^第?([1-9])[级层]/u.exec(heading) ??
    /^(?:level|l)([1-9])(?:code|name)?$/.exec(heading) ??
    /^(?:code|name)([1-9])$/.exec(heading);
  if (digit) return Number(digit[1]);
  return CLASSES.findIndex((word) => heading.startsWith(word)) + 1;
}
