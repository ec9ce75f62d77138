/** Personal data is masked before a text is stored. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskText, maskWords, offsetInMasked } from '../src/text/mask.js';

const masked = (text: string) => maskText(text).text;

describe('masking', () => {
  it.each([
    // Phones.
    ['请回电13800138000谢谢', '请回电〔电话〕谢谢'],
    ['电话：１３８００１３８０００。', '电话：〔电话〕。'],
    ['138-0013-8000 或 139 0013 9000', '〔电话〕 或 〔电话〕'],
    ['+86 13800138000', '〔电话〕'],
    ['座机0755-88123456转', '座机〔电话〕转'],
    ['（020）81234567', '〔电话〕'],
    ['致电 010-62345678-801', '致电 〔电话〕'],
    ['客服400-820-8820', '客服〔电话〕'],
    ['家里电话88123456', '家里电话〔电话〕'],
    // Cards.
    ['身份证11010519491231002X', '身份证〔证件〕'],
    ['证号 110105 19491231 002x', '证号 〔证件〕'],
    ['证号440301199901011234（抄错一位）', '证号〔证件〕（抄错一位）'],
    ['卡号6222 0212 3456 7890 128', '卡号〔卡号〕'],
    ['卡号4111111111111111', '卡号〔卡号〕'],
    // Plates.
    ['粤B12345乱停', '〔车牌〕乱停'],
    ['粤B·D12345 和粤BF12345', '〔车牌〕 和〔车牌〕'],
    ['沪A12345D占用车位', '〔车牌〕占用车位'],
    ['京A1234学', '〔车牌〕'],
    // Mail.
    ['发到 zhang.san@example.com.cn 即可', '发到 〔邮箱〕 即可'],
    // Addresses: the street stays.
    ['中山路12号', '中山路〔门牌〕'],
    ['幸福小区3栋2单元501室漏水', '幸福小区〔门牌〕漏水'],
    ['阳光花园A座1203房', '阳光花园A座〔门牌〕'],
    ['12号楼1单元302', '〔门牌〕'],
    // Names with a cue.
    ['联系人：张三，电话13800138000', '联系人：〔姓名〕，电话〔电话〕'],
    ['我叫李小明，住在这里', '我叫〔姓名〕，住在这里'],
    ['王先生来电反映', '〔姓名〕先生来电反映'],
    ['欧阳女士称噪音扰民', '〔姓名〕女士称噪音扰民'],
    ['反映人 陈建国 称', '反映人 〔姓名〕 称'],
    ['张某某反映', '〔姓名〕某某反映'],
  ])('finds %s', (text, expected) => {
    expect(masked(text)).toBe(expected);
  });

  it.each([
    '渣土车凌晨2点还在运渣土',
    '5号晚上停水，6号还没来',
    '2024年5月1日至20240601',
    '地铁11号线施工',
    '3楼漏水，10户居民受影响',
    '欠薪35000元，合同金额1280000元',
    '拨打12345和110都没人接',
    '工单编号GD-2024',
    '我是业主，本人要求退款',
    '我叫了救护车',
    '请问负责人是谁',
    '文件是国发〔2024〕5号文',
    '联系物业经理无人处理',
    '负责人态度恶劣',
  ])('leaves %s alone', (text) => {
    expect(masked(text)).toBe(text);
  });

  const han = fc.constantFrom(...'噪音扰民，停水。请处理！小区物业'.split(''));
  const words = fc.array(han, { maxLength: 12 }).map((all) => all.join(''));
  const digits = (length: number) =>
    fc
      .array(fc.integer({ min: 0, max: 9 }), { minLength: length, maxLength: length })
      .map((all) => all.join(''));

  it('finds every mobile number, wherever it stands and however it is grouped', () => {
    const mobile = fc
      .tuple(fc.constantFrom('13', '15', '18', '19', '17', '16', '14'), digits(9))
      .map((all) => all.join(''));
    const written = fc.tuple(mobile, fc.constantFrom('', ' ', '-')).map(([number, gap]) => ({
      number,
      text: [number.slice(0, 3), number.slice(3, 7), number.slice(7)].join(gap),
    }));
    fc.assert(
      fc.property(words, written, words, (before, { number, text }, after) => {
        const result = maskText(before + text + after);
        expect(result.text).toContain(maskWords.phone);
        expect(result.text.replace(/\D/g, '')).not.toContain(number.slice(3));
      }),
    );
  });

  it('finds every ID card with a right checksum', () => {
    const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const card = fc
      .tuple(
        fc.constantFrom('110105', '440301', '510104', '650102'),
        fc.date({ min: new Date('1930-01-01'), max: new Date('2020-12-31'), noInvalidDate: true }),
        digits(3),
      )
      .map(([region, born, order]) => {
        const body = region + born.toISOString().slice(0, 10).replaceAll('-', '') + order;
        const sum = weights.reduce((total, weight, at) => total + weight * Number(body[at]), 0);
        return body + '10X98765432'[sum % 11];
      });
    fc.assert(
      fc.property(words, card, words, (before, number, after) => {
        expect(masked(before + number + after)).toBe(before + maskWords['id-card'] + after);
      }),
    );
  });

  const piece = fc.oneof(
    words,
    fc.constantFrom('13800138000', '粤B12345', 'a@b.cn', '中山路12号', '联系人：张三', '王先生', ' ', '１２'),
    fc.string({ unit: 'binary', maxLength: 8 }),
    digits(8),
  );
  const text = fc.array(piece, { maxLength: 8 }).map((all) => all.join(''));

  it('is the same when done twice', () => {
    fc.assert(
      fc.property(text, (given) => {
        const once = masked(given);
        expect(masked(once)).toBe(once);
      }),
      { numRuns: 500 },
    );
  });

  it('leaves everything outside of its spans as it was, and offsets follow', () => {
    fc.assert(
      fc.property(text, (given) => {
        const result = maskText(given);
        let end = 0;
        for (const span of result.spans) {
          expect(span.start).toBeGreaterThanOrEqual(end);
          expect(span.end).toBeGreaterThan(span.start);
          const between = given.slice(end, span.start);
          const from = offsetInMasked(result.spans, end, 'start');
          expect(result.text.slice(from, from + between.length)).toBe(between);
          const [start, stop] = [
            offsetInMasked(result.spans, span.start, 'start'),
            offsetInMasked(result.spans, span.end, 'end'),
          ];
          expect(result.text.slice(start, stop)).toBe(maskWords[span.kind]);
          end = span.end;
        }
        expect(offsetInMasked(result.spans, given.length, 'end')).toBe(result.text.length);
      }),
      { numRuns: 500 },
    );
  });

  it('takes time in proportion to the text, whatever stands in it', () => {
    for (const unit of ['1', '1-', 'a.', 'a@', '12号', '王', '1 ', '联系人', '粤B']) {
      const long = unit.repeat(20_000 / unit.length);
      const started = performance.now();
      maskText(long);
      expect([unit, performance.now() - started < 1500]).toEqual([unit, true]);
    }
  });
});
