/**
 * Tickets of an imagined city, made up from clauses: the province's examples labelled at level 3, a city's at its own
 * levels, and old tickets with codes of an old list. Seeded; the demand (诉求类型) is told by how a ticket ends.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { packageRoot } from '../../src/package-root.js';
import { seededRandom } from '../../training/random.js';

/** Endings by demand. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  投诉: ['我要投诉，请查处', '强烈投诉这种行为，要求处罚', '对此非常不满，投诉到底'],
  咨询: ['想咨询一下怎么办理', '请问需要什么手续', '咨询政策规定，麻烦解答'],
  建议: ['建议有关部门改进', '希望采纳我的建议', '提个建议，多安排人手'],
};

export const DEMANDS = Object.keys(ENDINGS);

/** Clauses of the city's own items, levels 4, 5 and Z of data/overlays/example-city.csv. */
export const CITY_CLAUSES: Readonly<Record<string, readonly string[]>> = {
  '0402010101': [
    '工地半夜还在打桩',
    '通宵施工轰鸣不停',
    '凌晨浇筑混凝土',
    '夜间挖掘机作业',
    '深夜卸钢筋砸地',
  ],
  '04020102': ['商铺门口高音喇叭揽客', '超市循环播放促销广告', '店家音箱整天叫卖', '手机店开业放音乐'],
  '0402010300Z01': ['广场舞音响震天', '大妈每晚在空地跳舞', '领舞的开大功率音箱', '跳操放舞曲到十点'],
  '0402010300Z02': ['楼上装修电钻敲打', '邻居拖椅子跺脚', '隔壁深夜弹钢琴', '楼下卡拉OK唱到半夜'],
  '0801020101': ['省内异地就医备案', '在省内别的市住院报销', '省内转诊结算'],
  '0801020102Z01': ['跨省门诊慢特病结算', '外省透析直接报销', '门特跨省备案'],
  '08010202': ['药店买药刷医保', '门诊统筹额度', '社区医院门诊报销'],
};

const OLD_CLAUSES: Readonly<Record<string, readonly string[]>> = {
  // 噪声: the old list did not tell building sites from dancing.
  L101: [...CITY_CLAUSES['0402010101']!, ...CITY_CLAUSES['0402010300Z01']!],
  // 医保: what is reimbursed where.
  L201: [...CITY_CLAUSES['0801020101']!, ...CITY_CLAUSES['08010202']!],
};

const PLACES = ['东门', '河西', '新村', '文明路', '南湾', '人民公园', '学府花园', '码头', '老街', '科技园'];

export interface CityFiles {
  readonly province: string;
  readonly city: string;
  /** Codes of the old list, and some of the new one. */
  readonly mixed: string;
  readonly oldList: string;
  readonly table: string;
  /** To be relabelled. */
  readonly legacy: string;
}

export async function writeCityFiles(folder: string): Promise<CityFiles> {
  const random = seededRandom(3);
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
  const demand = () => (random() < 0.15 ? '' : pick(DEMANDS));
  const ending = (told: string) => pick(ENDINGS[told === '' ? pick(DEMANDS) : told]!);
  const made = (clauses: readonly string[], told: string) =>
    `${pick(PLACES)}${Math.floor(random() * 90) + 10}号附近，${pick(clauses)}，${pick(clauses)}，已经${Math.floor(random() * 9) + 2}天，${ending(told)}`;
  const files: CityFiles = {
    province: join(folder, 'province.csv'),
    city: join(folder, 'city.csv'),
    mixed: join(folder, 'mixed.csv'),
    oldList: join(folder, 'old-list.csv'),
    table: join(folder, 'table.csv'),
    legacy: join(folder, 'legacy.csv'),
  };
  const headings = ['编号', '诉求内容', '事项编码', '诉求类型'];
  const write = (path: string, rows: readonly (readonly string[])[]) =>
    writeFile(path, stringify([headings, ...rows]));

  const province: string[][] = [];
  for (const name of ['04', '08']) {
    const path = join(packageRoot, 'data/examples/db44t2479-2024', `${name}.csv`);
    const rows: Record<string, string>[] = parse(await readFile(path), { columns: true, bom: true });
    for (const { code, text } of rows) {
      const told = demand();
      province.push([`p${province.length}`, `${text}${ending(told)}`, code!, told]);
    }
  }
  await write(files.province, province);

  const city = Object.entries(CITY_CLAUSES).flatMap(([code, clauses]) =>
    Array.from({ length: 30 }, (_, at) => {
      const told = demand();
      return [`c${code}-${at}`, made(clauses, told), code, told];
    }),
  );
  await write(files.city, city);

  const mixed = [
    ...Object.entries(OLD_CLAUSES).flatMap(([code, clauses]) =>
      Array.from({ length: 20 }, (_, at) => {
        const told = demand();
        return [`o${code}-${at}`, made(clauses, told), code, told];
      }),
    ),
    ['n1', made(CITY_CLAUSES['04020102']!, ''), '04020102', ''],
    // Of the old list, without a row in the table.
    ['u1', '东门有人遛狗不牵绳', 'L301', ''],
    ['x1', '东门有人乱停车', '没有这个编码', ''],
  ];
  await write(files.mixed, mixed);
  await writeFile(
    files.oldList,
    'code,parent,name\nL1,,环境\nL101,L1,噪声\nL2,,社保\nL201,L2,医保\nL3,,其他事\nL301,L3,养犬\n',
  );
  await writeFile(
    files.table,
    '旧编码,新编码,权重\nL101,04020101,2\nL101,04020103,60%\nL201,08010201,1\nL201,08010202,1\n',
  );
  await write(files.legacy, [
    ['1', made(CITY_CLAUSES['0402010101']!, '投诉'), 'L101', ''],
    ['2', made(CITY_CLAUSES['0402010300Z01']!, '投诉'), 'L101', '建议'],
    ['3', made(CITY_CLAUSES['08010202']!, '咨询'), 'L201', ''],
    ['4', made(CITY_CLAUSES['0801020102Z01']!, '咨询'), 'L201', '咨询'],
    ['5', made(CITY_CLAUSES['08010202']!, '咨询'), 'L101', ''],
    ['6', made(CITY_CLAUSES['04020102']!, '建议'), '', ''],
  ]);
  return files;
}
