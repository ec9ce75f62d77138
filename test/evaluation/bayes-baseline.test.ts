import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { bayesBaseline, type SegmentedTicket } from '../../training/evaluation/bayes-baseline.js';
import { seededRandom } from '../../training/random.js';
import { indexOf, smallTree } from './small-tree.js';

const tree = smallTree();
const options = { acceptAlternatives: false, seed: 1 };
const ticket = (words: string, ...codes: string[]): SegmentedTicket => ({
  words: words.split(' '),
  labels: codes.map((code) => indexOf(tree, code)),
  alternatives: [],
});

const train = [
  ticket('路灯 不亮 晚上', '010101'),
  ticket('路灯 坏 晚上', '010101'),
  ticket('垃圾 没人 清运', '010102'),
  ticket('垃圾 清运 臭', '010102'),
  ticket('公交 晚点', '0102'),
  ticket('公交 晚点 司机', '0102'),
  ticket('社保 转移', '020101'),
  ticket('社保 转移 办理', '020101'),
  ticket('不知道 什么', '01'),
];

describe('the Bayes baseline', () => {
  it('learns which words belong to which item', () => {
    const test = [
      ticket('晚上 路灯 全 不亮', '010101'),
      ticket('小区 垃圾 清运', '010102'),
      ticket('公交 总是 晚点', '0102'),
      ticket('社保 怎么 转移', '020101'),
    ];
    const { levels, trained, trainRows, judged, testRows, sample } = bayesBaseline(
      tree,
      train,
      test,
      options,
    );
    expect(levels.map(({ rows, top1 }) => [rows, top1])).toEqual([
      [4, 1],
      [4, 1],
      [4, 1],
    ]);
    // The ticket labelled at level 1 is counted, not learnt from.
    expect({ trained, trainRows, judged, testRows, sample }).toEqual({
      trained: 8,
      trainRows: 9,
      judged: 4,
      testRows: 4,
      sample: [0, 1, 2, 3],
    });
  });

  it('ranks as the package itself does where that does not underflow', () => {
    const random = seededRandom(4);
    const codes = ['010101', '010102', '0102', '020101'];
    const word = (leaf: number) => `w${Math.floor(random() * 6) + (random() < 0.5 ? leaf * 3 : 0)}`;
    const make = () => {
      const leaf = Math.floor(random() * 4);
      return ticket(Array.from({ length: 5 }, () => word(leaf)).join(' '), codes[leaf]!);
    };
    const learnt = Array.from({ length: 80 }, make);
    const judged = Array.from({ length: 60 }, make);
    const Bayes = createRequire(import.meta.url)('natural/lib/natural/classifiers/bayes_classifier.js');
    const natural = new Bayes();
    for (const { words, labels } of learnt) natural.addDocument([...words], String(labels[0]));
    natural.train();
    const right = judged.filter(({ words, labels }) => natural.classify([...words]) === String(labels[0]));
    const { levels } = bayesBaseline(tree, learnt, judged, options);
    expect(levels[2]!.top1).toBeCloseTo(right.length / judged.length, 10);
    expect(levels[2]!.top1).toBeGreaterThan(0.4);
  });

  it('does not underflow on a page of text', () => {
    const random = seededRandom(9);
    const page = (leaf: number) =>
      Array.from({ length: 1500 }, () => `w${Math.floor(random() * 2000 + leaf * 1000)}`).join(' ');
    const learnt = Array.from({ length: 24 }, (_, at) => ticket(page(at % 2), at % 2 ? '0102' : '010101'));
    const judged = Array.from({ length: 10 }, (_, at) => ticket(page(at % 2), at % 2 ? '0102' : '010101'));
    expect(bayesBaseline(tree, learnt, judged, options).levels[2]!.top1).toBe(1);
  });

  it('draws a capped sample by its seed and says so', () => {
    const many = Array.from({ length: 40 }, (_, at) => train[at % 8]!);
    const capped = { ...options, maxTrain: 16, maxTest: 10 };
    const once = bayesBaseline(tree, many, many, capped);
    expect([once.trained, once.trainRows, once.judged, once.testRows]).toEqual([16, 40, 10, 40]);
    expect(new Set(once.sample).size).toBe(10);
    expect(bayesBaseline(tree, many, many, capped)).toEqual(once);
    expect(bayesBaseline(tree, many, many, { ...capped, seed: 2 }).sample).not.toEqual(once.sample);
  });

  it('measures the model on the same sample', () => {
    const many = Array.from({ length: 40 }, (_, at) => train[at % 8]!);
    // The model is right on the first half of the tickets only.
    const model = many.map(({ labels, alternatives }, at) => ({
      leaves: Float64Array.from(tree.leaves, (index) => Number((index === labels[0]) === at < 20)),
      labels,
      alternatives,
    }));
    const { levels, sample } = bayesBaseline(tree, many, many, { ...options, maxTest: 10, model });
    expect(levels[2]!.modelTop1).toBeCloseTo(sample.filter((at) => at < 20).length / 10);
  });

  it('survives having nothing to learn from', () => {
    const { trained, levels } = bayesBaseline(tree, [], [ticket('路灯', '010101')], options);
    expect(trained).toBe(0);
    expect(levels[2]).toMatchObject({ rows: 1, top1: 0, top5: 0 });
  });
});
