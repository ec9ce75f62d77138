import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/decision/decide.js';
import { Distribution } from '../../src/decision/distribution.js';
import { isDuihaoError } from '../../src/errors.js';
import { evaluate } from '../../training/evaluation/evaluate.js';
import { evaluationToJson } from '../../training/evaluation/evaluation-json.js';
import { judgeLevels } from '../../training/evaluation/judgement.js';
import { drawTickets, evenTree, indexOf, judgedAs, smallTree, softmax } from './small-tree.js';

const tree = smallTree();
const options = { acceptAlternatives: false, seed: 1 };

/** Four tickets whose figures can be computed by hand. */
const four = [
  // Right at every level.
  judgedAs(tree, [0.7, 0.1, 0.1, 0.1], ['010101']),
  // Wrong leaf, right from level 2 up; the right leaf is second.
  judgedAs(tree, [0.5, 0.3, 0.1, 0.1], ['010102'], ['010101']),
  // Wrong branch; the right leaf is last.
  judgedAs(tree, [0.4, 0.3, 0.2, 0.1], ['020101']),
  // Labelled at level 1 only.
  judgedAs(tree, [0.1, 0.1, 0.6, 0.2], ['01']),
];

describe('an evaluation', () => {
  it('counts tickets at the levels their labels reach', () => {
    const { rows, levels, leaf, unjudged } = evaluate(tree, four, options);
    expect(rows).toBe(4);
    expect(unjudged).toBe(0);
    expect(levels.map((level) => level.rows)).toEqual([4, 3, 3]);
    expect(leaf.rows).toBe(3);
  });

  it('gives top-k per level by hand', () => {
    const { levels, leaf } = evaluate(tree, four, options);
    expect(levels.map(({ top1 }) => top1)).toEqual([3 / 4, 2 / 3, 1 / 3]);
    expect(levels.map(({ top3 }) => top3)).toEqual([1, 1, 2 / 3]);
    expect(levels.map(({ top5 }) => top5)).toEqual([1, 1, 1]);
    expect(leaf).toEqual({ rows: 3, top1: 1 / 3, top3: 2 / 3, top5: 1 });
  });

  it('takes a leaf that lies above the level as itself there', () => {
    const { levels } = evaluate(tree, [judgedAs(tree, [0.1, 0.2, 0.6, 0.1], ['0102'])], options);
    expect(levels.map(({ rows, top1 }) => [rows, top1])).toEqual([
      [1, 1],
      [1, 1],
      [1, 1],
    ]);
  });

  it('takes an item with a single leaf beneath as that leaf', () => {
    const { levels } = evaluate(tree, [judgedAs(tree, [0.1, 0.1, 0.1, 0.7], ['02'])], options);
    expect(levels.map(({ rows }) => rows)).toEqual([1, 1, 1]);
  });

  it('accepts second items only when asked', () => {
    const strict = evaluate(tree, four, options);
    const kind = evaluate(tree, four, { ...options, acceptAlternatives: true });
    expect(strict.leaf.top1).toBeCloseTo(1 / 3);
    expect(kind.leaf.top1).toBeCloseTo(2 / 3);
    expect(kind.acceptAlternatives).toBe(true);
  });

  it('takes any of several labels as right, and judges no level that one of them does not reach', () => {
    const either = judgedAs(tree, [0.5, 0.2, 0.2, 0.1], ['010101', '0102']);
    const vague = judgedAs(tree, [0.5, 0.2, 0.2, 0.1], ['010101', '01']);
    expect(evaluate(tree, [either], options).leaf).toEqual({ rows: 1, top1: 1, top3: 1, top5: 1 });
    expect(evaluate(tree, [vague], options).levels.map(({ rows }) => rows)).toEqual([1, 0, 0]);
  });

  it('gives calibration figures by hand', () => {
    // Three confidences, each a bin of its own: 0.4 wrong, 0.5 wrong, 0.7 right.
    const level = evaluate(tree, four, options).levels[2]!;
    expect(level.bins.map(({ meanConfidence, accuracy }) => [meanConfidence, accuracy])).toEqual([
      [expect.closeTo(0.4), 0],
      [expect.closeTo(0.5), 0],
      [expect.closeTo(0.7), 1],
    ]);
    expect(level.ece).toBeCloseTo((0.4 + 0.5 + 0.3) / 3);
    expect(level.mce).toBeCloseTo(0.5);
  });

  it('gives risk and coverage by hand', () => {
    // From the most confident: right, wrong, wrong → risks 0, 1/2, 2/3.
    const level = evaluate(tree, four, options).levels[2]!;
    expect(level.curve.map(({ risk }) => risk)).toEqual([0, 1 / 2, 2 / 3]);
    expect(level.aurc).toBeCloseTo((0 + 1 / 2 + 2 / 3) / 3);
    expect(level.coverageAtError).toEqual([
      { error: 0.02, coverage: 1 / 3 },
      { error: 0.05, coverage: 1 / 3 },
      { error: 0.1, coverage: 1 / 3 },
    ]);
  });

  it('gives hierarchical precision and recall by hand', () => {
    // Shared path lengths 3, 2, 0 and, judged down to level 1 only, 1; every path of the first three has 3.
    const { hierarchical } = evaluate(tree, four, options);
    expect(hierarchical).toEqual({ rows: 4, precision: 6 / 10, recall: 6 / 10, f1: 6 / 10 });
  });

  it('does not take a deeper answer for wrong where the label stands higher', () => {
    const upper = judgedAs(tree, [0.9, 0.1, 0, 0], ['0101']);
    expect(evaluate(tree, [upper], options).hierarchical.f1).toBe(1);
  });

  it('tells the figures of each item', () => {
    const { items } = evaluate(tree, four, { ...options, trainCounts: Uint32Array.from([4, 0, 9, 30]) });
    const of = (code: string) => items.find(({ item }) => item.code === code)!;
    expect(of('010101')).toMatchObject({ support: 1, predicted: 3, precision: 1 / 3, recall: 1, f1: 0.5 });
    expect(of('010101').meanProbability).toBeCloseTo(0.7);
    expect(of('010102')).toMatchObject({ support: 1, predicted: 0, precision: Number.NaN, recall: 0, f1: 0 });
    expect(of('01')).toMatchObject({ support: 3, predicted: 4, trained: 13 });
    // A leaf of level 2 is listed once, at its own level.
    expect(items.filter(({ item }) => item.code === '0102').length).toBeLessThanOrEqual(1);
    expect(evaluate(tree, four, options).levels[2]!.macroF1).toBeCloseTo((0.5 + 0 + 0) / 3);
  });

  it('names what is taken for what, most frequent first', () => {
    const more = [...four, judgedAs(tree, [0.5, 0.3, 0.1, 0.1], ['010102'])];
    const { confusions } = evaluate(tree, more, options);
    expect(
      confusions.map(({ truth, predicted, count, share, sharedLevel }) => [
        truth.code,
        predicted.code,
        count,
        share,
        sharedLevel,
      ]),
    ).toEqual([
      ['010102', '010101', 2, 1, 2],
      ['020101', '010101', 1, 1, 0],
    ]);
  });

  it('keeps items with few training tickets apart', () => {
    const { fewShot } = evaluate(tree, four, { ...options, trainCounts: Uint32Array.from([4, 0, 9, 30]) });
    expect(
      fewShot!.map(({ from, to, rows, items, top1, top5 }) => [from, to, rows, items, top1, top5]),
    ).toEqual([
      [0, 0, 1, 1, 0, 1],
      [1, 5, 1, 1, 1, 1],
      [6, 20, 0, 0, Number.NaN, Number.NaN],
      [21, null, 1, 1, 0, 1],
    ]);
  });

  it('is specific exactly where the decision is', () => {
    const wide = evenTree([3, 3, 3]);
    const judged = drawTickets(wide, 300, 5).map(({ logits, leaf }) => ({
      leaves: softmax(logits),
      labels: [wide.leaves[leaf]!],
      alternatives: [],
    }));
    const policy = { targetError: 0.1, thresholds: [0.7, 0.6, 0.5] };
    const { levels } = evaluate(wide, judged, { ...options, policy });
    for (const figures of levels) {
      let answered = 0;
      let wrong = 0;
      for (const { leaves, labels } of judged) {
        const decision = decide(new Distribution(wide, leaves), policy, figures.level);
        if (decision.kind === 'fallback') continue;
        answered += 1;
        if (!wide.isWithin(wide.at(labels[0]!), decision.item)) wrong += 1;
      }
      expect(figures.policy!.fallbackRate).toBeCloseTo(1 - answered / judged.length);
      expect(figures.policy!.answeredError).toBeCloseTo(wrong / answered);
    }
  });

  it('ranks as the candidates of an answer are ranked', () => {
    const value = fc.integer({ min: 0, max: 3 });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 0, max: 3 }),
        (raw, leaf) => {
          const judged = [{ leaves: Float64Array.from(raw), labels: [tree.leaves[leaf]!], alternatives: [] }];
          for (const judgement of judgeLevels(tree, judged, false)) {
            const top = new Distribution(tree, Float64Array.from(raw)).top(9, judgement.level);
            const right = tree.ancestorAt(tree.leafAt(leaf), judgement.level);
            const place = top.findIndex(({ item }) => item.index === right.index);
            expect(judgement.rank[0]).toBe(place < 0 ? 0x7fffffff : place);
            expect(judgement.predicted[0]).toBe(top[0]?.item.index ?? -1);
          }
        },
      ),
    );
  });

  it('gives an interval that holds the figure and is the same for the same seed', () => {
    const wide = evenTree([3, 3]);
    const judged = drawTickets(wide, 200, 3).map(({ logits, leaf }) => ({
      leaves: softmax(logits),
      labels: [wide.leaves[leaf]!],
      alternatives: [],
    }));
    const once = evaluate(wide, judged, options).levels[1]!;
    expect(evaluate(wide, judged, options).levels[1]!.top1Interval).toEqual(once.top1Interval);
    expect(once.top1Interval.low).toBeLessThan(once.top1);
    expect(once.top1Interval.high).toBeGreaterThan(once.top1);
    // ± 1.96 standard errors of a share, as the normal approximation has it.
    const half = 1.96 * Math.sqrt((once.top1 * (1 - once.top1)) / once.rows);
    expect(once.top1Interval.high - once.top1).toBeGreaterThan(half * 0.7);
    expect(once.top1Interval.high - once.top1).toBeLessThan(half * 1.3);
  });

  it('tells how much of the calibration error is chance', () => {
    const wide = evenTree([3, 3]);
    const judged = (count: number) =>
      drawTickets(wide, count, 8).map(({ logits, leaf }) => ({
        leaves: softmax(logits),
        labels: [wide.leaves[leaf]!],
        alternatives: [],
      }));
    const few = evaluate(wide, judged(300), options).levels[1]!;
    const many = evaluate(wide, judged(4800), options).levels[1]!;
    // A calibrated model's error is all chance, and 16 times the rows leave a quarter of it.
    expect(few.ece / few.eceNoise).toBeGreaterThan(0.5);
    expect(few.ece / few.eceNoise).toBeLessThan(1.7);
    expect(few.eceNoise / many.eceNoise).toBeGreaterThan(3);
    expect(few.eceNoise / many.eceNoise).toBeLessThan(5);
  });

  it('survives no tickets, tickets without labels and tickets without any probability', () => {
    const none = evaluate(tree, [], options);
    expect(none.rows).toBe(0);
    expect(JSON.stringify(evaluationToJson(none))).toContain('"top1":null');
    const blank = evaluate(
      tree,
      [judgedAs(tree, [0, 0, 0, 0], ['010101']), judgedAs(tree, [1, 0, 0, 0], [])],
      options,
    );
    expect(blank.unjudged).toBe(1);
    expect(blank.leaf).toEqual({ rows: 1, top1: 0, top3: 0, top5: 0 });
    expect(blank.hierarchical).toEqual({ rows: 1, precision: 0, recall: 0, f1: 0 });
  });

  it('refuses leaves of another tree and values that are no numbers', () => {
    for (const leaves of [
      [1, 0],
      [1, 0, 0, Number.NaN],
    ]) {
      try {
        evaluate(tree, [judgedAs(tree, leaves, ['010101'])], options);
        expect.unreachable();
      } catch (error) {
        expect(isDuihaoError(error) && error.code).toBe('judged-ticket-invalid');
      }
    }
  });

  it('begins its JSON with the shape that scripts read', () => {
    const json = evaluationToJson(evaluate(tree, four, options));
    expect(Object.keys(json).slice(0, 3)).toEqual(['rows', 'levels', 'leaf']);
    const [first] = json.levels as Record<string, unknown>[];
    expect(Object.keys(first!).slice(0, 6)).toEqual(['level', 'rows', 'top1', 'top3', 'top5', 'ece']);
    expect(Object.keys(json.leaf as object)).toEqual(['rows', 'top1', 'top3', 'top5']);
    expect(json.confusions).toContainEqual({
      truth: { item: tree.at(indexOf(tree, '010102')).id, code: '010102', name: '甲一二' },
      predicted: { item: tree.at(indexOf(tree, '010101')).id, code: '010101', name: '甲一一' },
      count: 1,
      share: 1,
      sharedLevel: 2,
    });
  });
});
