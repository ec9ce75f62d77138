/**
 * Masks personal data in a ticket before it is stored: 〔电话〕 instead of the number.
 *
 * What is found: mobile and landline numbers, ID cards, bank cards, number plates, e-mail addresses, house
 * and room numbers, and names that a cue word gives away (联系人：张三, 我叫李四, 王先生). Digits may be full-width
 * or grouped by spaces and hyphens.
 * What is not: names without a cue, nicknames, places of work, house numbers written in Chinese numerals, numbers spelt as words.
 * Masking too much is preferred to too little for numbers, too little for names: a name taken for a word of
 * the matter would cost the text its sense.
 */

export type MaskKind = 'phone' | 'id-card' | 'bank-card' | 'plate' | 'e-mail' | 'address' | 'name';

/** What stands in the text instead. */
export const maskWords: Readonly<Record<MaskKind, string>> = {
  phone: '〔电话〕',
  'id-card': '〔证件〕',
  'bank-card': '〔卡号〕',
  plate: '〔车牌〕',
  'e-mail': '〔邮箱〕',
  address: '〔门牌〕',
  name: '〔姓名〕',
};

export interface MaskedSpan {
  /** UTF-16 offsets into the text as it was given. */
  readonly start: number;
  readonly end: number;
  readonly kind: MaskKind;
}

export interface MaskedText {
  readonly text: string;
  /** In order, without overlap. */
  readonly spans: readonly MaskedSpan[];
}

/** Masking twice gives the same as once: the words hold nothing that is found. */
export function maskText(text: string): MaskedText {
  const spans = findPersonalData(text);
  let masked = '';
  let at = 0;
  for (const { start, end, kind } of spans) {
    masked += text.slice(at, start) + maskWords[kind];
    at = end;
  }
  return { text: masked + text.slice(at), spans };
}

/**
 * Where an offset into the original lies in the masked text. Inside of what was masked it goes to the
 * beginning of the word that stands there, or behind it for the end of a stretch.
 */
export function offsetInMasked(spans: readonly MaskedSpan[], offset: number, edge: 'start' | 'end'): number {
  let shift = 0;
  for (const { start, end, kind } of spans) {
    const { length } = maskWords[kind];
    if (offset <= start) break;
    if (offset < end) return start + shift + (edge === 'end' ? length : 0);
    shift += length - (end - start);
  }
  return offset + shift;
}

type Finder = (text: string, found: (start: number, end: number, kind: MaskKind) => void) => void;

/**
 * The first to claim a stretch keeps it: what is surest comes first. Looks again with what was found taken
 * out, because what stood beside it may only now stand alone (two numbers run into one).
 */
function findPersonalData(text: string): MaskedSpan[] {
  let plain = toPlain(text);
  const spans: MaskedSpan[] = [];
  for (;;) {
    const before = spans.length;
    const found = (start: number, end: number, kind: MaskKind) => {
      if (end > start && !spans.some((span) => start < span.end && end > span.start))
        spans.push({ start, end, kind });
    };
    for (const find of finders) find(plain, found);
    if (spans.length === before) return spans.sort((a, b) => a.start - b.start);
    for (const { start, end } of spans.slice(before))
      plain = plain.slice(0, start) + blank(end - start) + plain.slice(end);
  }
}

/** As long as what it stands for, with the edges of the word that will stand there. */
const blank = (length: number): string => (length < 2 ? '〔' : `〔${'〓'.repeat(length - 2)}〕`);

/** Full-width letters, digits and signs as plain ones, each in its place: offsets stay. */
function toPlain(text: string): string {
  return text
    .replace(/[！-～]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0))
    .replace(/　/g, ' ');
}

const finders: readonly Finder[] = [findMails, findNumbers, findPlates, findAddresses, findNames];

function findMails(text: string, found: Parameters<Finder>[1]): void {
  // Bounded lengths: a long run without an @ must not be tried from each of its places to its end.
  for (const { 0: mail, index } of text.matchAll(
    /(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}/g,
  ))
    found(index, index + mail.length, 'e-mail');
}

/** A run of digits, grouped or not, and what it is by its shape. */
function findNumbers(text: string, found: Parameters<Finder>[1]): void {
  for (const { 0: run, index } of text.matchAll(/(?<![\d.])(?:\+|\()?\d(?:[ \-()]{0,2}\d){5,29}[Xx]?/g)) {
    const kind = kindOfNumber(run);
    if (kind) found(index, index + run.length, kind);
    else splitRun(run, index, found);
  }
}

/** Numbers side by side, parted by spaces: each by itself. */
function splitRun(run: string, index: number, found: Parameters<Finder>[1]): void {
  for (const { 0: part, index: at } of run.matchAll(/\d(?:[-()]{0,2}\d){5,29}[Xx]?/g)) {
    const kind = kindOfNumber(part);
    if (kind) found(index + at, index + at + part.length, kind);
  }
  for (const { 0: part, index: at } of run.matchAll(/1[3-9]\d{9}(?!\d)/g))
    found(index + at, index + at + part.length, 'phone');
}

function kindOfNumber(run: string): MaskKind | undefined {
  const digits = run.replace(/[^\dXx]/g, '').toUpperCase();
  if (isIdCard(digits)) return 'id-card';
  if (/X$/.test(digits)) return undefined;
  const local = digits.replace(/^(?:00)?86(?=1[3-9]\d{9}$|0?\d{2,3}\d{7,8}$)/, '');
  if (/^1[3-9]\d{9}$/.test(local)) return 'phone';
  if (/^0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}$/.test(local)) return 'phone';
  if (/^[48]00\d{7}$/.test(local)) return 'phone';
  // An extension behind a landline, or a number without area code that is written like one.
  if (/^\(?0\d{2,3}[)\- ]{1,2}[2-8]\d{6,7}[- ]{1,2}\d{1,6}$/.test(run)) return 'phone';
  if (/^[2-8]\d{2,3}[- ]\d{4}$/.test(run) || /^[2-8]\d{7}$/.test(run))
    return isDate(digits) ? undefined : 'phone';
  if (/^\d{13,19}$/.test(digits) && isLuhn(digits)) return 'bank-card';
  // Sixteen and more digits that begin as Chinese bank cards do: a typing error is no reason to keep it.
  if (/^(?:62|4|5[1-5])\d+$/.test(digits) && digits.length >= 16 && digits.length <= 19) return 'bank-card';
  return undefined;
}

/** By checksum; or, with a slip of the pen, by a region and a birthday in their places. */
function isIdCard(digits: string): boolean {
  if (/^\d{17}[\dX]$/.test(digits)) {
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const sum = weights.reduce((total, weight, at) => total + weight * Number(digits[at]), 0);
    const born = digits.slice(6, 14);
    return (
      /^[1-8]/.test(digits) && isDay(born) && ('10X98765432'[sum % 11] === digits[17] || isRegion(digits))
    );
  }
  // Fifteen digits, given until 1999.
  return /^\d{15}$/.test(digits) && isRegion(digits) && isDay(`19${digits.slice(6, 12)}`);
}

const isRegion = (digits: string): boolean =>
  /^(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])/.test(digits);

/** `20240131`. */
function isDay(text: string): boolean {
  const [year, month, day] = [text.slice(0, 4), text.slice(4, 6), text.slice(6, 8)].map(Number);
  return year! >= 1900 && year! <= 2099 && month! >= 1 && month! <= 12 && day! >= 1 && day! <= 31;
}

const isDate = (digits: string): boolean => digits.length === 8 && isDay(digits);

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** Blue and green plates: a province, a letter, five signs or the six of new-energy cars; 学, 警, 挂 … at the end. */
function findPlates(text: string, found: Parameters<Finder>[1]): void {
  const plate =
    /[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使][A-HJ-Za-hj-z][ ·.•-]?(?:[DFABCEGHJKdfabceghjk][A-HJ-NP-Za-hj-np-z0-9]\d{4}|\d{5}[DFABCEGHJKdfabceghjk]|[A-HJ-NP-Za-hj-np-z0-9]{4}[A-HJ-NP-Za-hj-np-z0-9挂学警港澳领])(?![A-Za-z0-9])/g;
  for (const { 0: text_, index } of text.matchAll(plate))
    if (/\d/.test(text_)) found(index, index + text_.length, 'plate');
}

/** From the house number on: 12号, 3栋2单元501室. Street and estate stay, the matter is often about them. */
function findAddresses(text: string, found: Parameters<Finder>[1]): void {
  const number = '[A-Za-z]?\\d{1,5}(?:[-—~之]\\d{1,5}){0,3}[A-Za-z]?';
  const unit = '(?:号楼|号院|号|栋|幢|座|单元|楼|层|室|房|户)';
  const address = new RegExp(
    `${number} ?${unit}(?:[ ,，]?(?:${number}|[A-Za-z]) ?${unit}){0,5}(?:[ -]?\\d{2,5}(?!\\d|[年月日时点分元米个次人]))?`,
    'g',
  );
  for (const { 0: place, index } of text.matchAll(address)) {
    const parts = place.match(/号楼|号院|号|栋|幢|座|单元|楼|层|室|房|户/g) ?? [];
    const before = text.slice(Math.max(0, index - 6), index);
    const after = text.slice(index + place.length, index + place.length + 2);
    if (parts.length === 1 && !isHouse(parts[0]!, before, after)) continue;
    found(index, index + place.length, 'address');
  }
}

/** `5号` may be a day, a line of the metro or a gate; `3层` a storey, `10户` a count of households. */
function isHouse(unit: string, before: string, after: string): boolean {
  switch (unit) {
    case '号':
      return /[路街道巷弄里村坊苑园区城庄镇组屯胡同]$/.test(before) && !/^(?:线|门|台风|文)/.test(after);
    case '层':
    case '楼':
    case '户':
    case '座':
      return false;
    default:
      return true;
  }
}

const surnames =
  '赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉宰郦雍却璩桑桂濮牛寿通边扈燕冀郏浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧殳沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空曾毋沙乜养鞠须丰巢关蒯相查后荆红游竺权逯盖益桓公肖闫覃涂代揭仝';
const doubleSurnames = '欧阳|上官|司马|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|夏侯|端木|长孙';
const surname = `(?:${doubleSurnames}|[${surnames}])`;
/** Signs that end a name: what follows a name of two or three characters. */
const namesEnd =
  '(?=[\\s,，。.;；:：、!！?？()（）〔\\[【"“”\'/|]|$|电话|手机|联系|身份|男|女|反映|反馈|来电|投诉|称|说|的|住|家|是|于|在|要|想|,)';

/** Cue and name; the name alone is masked, the cue stays. */
const nameCues: readonly RegExp[] = [
  // 联系人：张三; whatever stands there is a name.
  /(?:联系人|姓名|来电人|投诉人|反映人|举报人|诉求人|申请人|求助人|当事人|户主|业主姓名|收件人|负责人|房东|法人)(?:姓名)?(?:是|为|叫|名叫|:| ){1,2}([\p{Script=Han}·]{2,4}?)(?![\p{Script=Han}·])/dgu,
  new RegExp(
    `(?:联系人|姓名|来电人|投诉人|反映人|举报人|诉求人|申请人|求助人|当事人|户主|收件人|负责人|房东|法人)(?:姓名)?(?:是|为|叫|名叫|:| ){1,2}(${surname}\\p{Script=Han}{1,2}?)${namesEnd}`,
    'dgu',
  ),
  new RegExp(
    `(?:我叫|我是|本人叫|本人是|本人|名叫|叫做|他叫|她叫)(${surname}\\p{Script=Han}{1,2}?)${namesEnd}`,
    'dgu',
  ),
  // 王先生, 欧阳女士, 张建国先生.
  new RegExp(
    `(?<!\\p{Script=Han}[${surnames}])(${surname}\\p{Script=Han}{0,2}?)(?=先生|女士|小姐|太太|阿姨|大爷|大妈|师傅|老师|医生|经理|主任)`,
    'dgu',
  ),
  new RegExp(`(${surname})(?=某(?:某)?(?!些|个|种|处|地|小区|公司))`, 'dgu'),
];

function findNames(text: string, found: Parameters<Finder>[1]): void {
  for (const cue of nameCues) {
    for (const { indices } of text.matchAll(cue)) {
      const [start, end] = indices?.[1] ?? [0, 0];
      found(start, end, 'name');
    }
  }
}
