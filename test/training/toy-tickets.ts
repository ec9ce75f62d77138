/** Small tickets made of words that belong to their item, and of words that belong to none. */
import { seededRandom } from '../../training/random.js';

const TOPICS: Readonly<Record<string, readonly string[]>> = {
  '040201': ['夜间施工', '噪音', '打桩', '广场舞', '音响', '扰民', '分贝', '吵得睡不着'],
  '040202': ['油烟', '扬尘', '废气', '异味', '工地灰尘', '烧烤摊', '黑烟', '粉尘'],
  '080508': ['拖欠工资', '包工头', '农民工', '工程款', '讨薪', '工钱', '欠薪', '老板跑了'],
  '080201': ['失业金', '失业登记', '领取失业', '下岗', '待业补助', '再就业', '招聘会', '求职'],
  '010203': ['学区', '入学', '招生', '转学', '学位', '报名', '录取', '幼升小'],
  '050204': ['公交', '线路', '站台', '班次', '等车', '末班车', '公交卡', '司机'],
};
const FILLERS = [
  '您好',
  '我是',
  '附近的',
  '居民',
  '请问',
  '希望',
  '领导',
  '处理一下',
  '这个',
  '已经',
  '很久',
  '谢谢',
];

export interface ToyTicket {
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly labels: readonly string[];
}

/** @param upper share of the tickets labelled at level 1 or 2 only */
export function toyTickets(count: number, seed: number, upper = 0): ToyTicket[] {
  const random = seededRandom(seed);
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)]!;
  const codes = Object.keys(TOPICS);
  return Array.from({ length: count }, (_, at) => {
    const code = codes[at % codes.length]!;
    const words = Array.from({ length: 12 }, () => (random() < 0.4 ? pick(TOPICS[code]!) : pick(FILLERS)));
    const labels = [code.slice(0, 2), code.slice(0, 4), code];
    const kept = random() < upper ? 1 + Math.floor(random() * 2) : 3;
    return {
      id: `toy-${at}`,
      title: pick(TOPICS[code]!),
      text: words.join('，'),
      labels: labels.slice(0, kept),
    };
  });
}

export function jsonLines(tickets: readonly ToyTicket[]): string {
  return `${tickets.map((ticket) => JSON.stringify(ticket)).join('\n')}\n`;
}
