/** A report with every section, on drawn tickets. */
import { fitConformal } from '../../training/evaluation/conformal-fit.js';
import { evaluateConformal } from '../../training/evaluation/conformal-outcome.js';
import { evaluate, levelReliability } from '../../training/evaluation/evaluate.js';
import type { TrainingReport } from '../../training/report/training-facts.js';
import { drawTickets, evenTree, softmax } from './small-tree.js';

const tree = evenTree([4, 4, 4]);
const judge = (sharpness: number) =>
  drawTickets(tree, 400, 21).map(({ logits, leaf }) => ({
    leaves: softmax(logits.map((logit) => logit * sharpness)),
    labels: [tree.leaves[leaf]!],
    alternatives: [],
  }));
const policy = { targetError: 0.1, thresholds: [0.6, 0.5, 0.4] };
const options = {
  acceptAlternatives: false,
  seed: 1,
  policy,
  trainCounts: Uint32Array.from({ length: 64 }, (_, leaf) => leaf % 30),
};
const calibrations = fitConformal(tree, judge(1), { coverages: [0.9, 0.95], seed: 1 });

export const sampleReport: TrainingReport = {
  model: { id: 'sample', version: 'a1b2c3', trainedAt: '2026-01-02T03:04:05.000Z' },
  taxonomy: tree,
  data: {
    files: [{ file: '工单.csv', rows: 5012, tickets: 5000, rejected: 12, encoding: 'gb18030' }],
    rejections: [
      { reason: 'label-unknown', count: 9 },
      { reason: 'something-new', count: 3 },
    ],
    nearDuplicates: 31,
    cut: 2,
    split: { by: 'time', train: 4600, dev: 400 },
    labelLevels: [10, 90, 4500],
    extras: [{ what: '事项名称与检索词', count: 64 }],
  },
  labelOrigin: '坐席在受理时选定',
  evaluatedOn: '开发集',
  evaluation: evaluate(tree, judge(1), options),
  uncalibrated: levelReliability(tree, judge(2)),
  temperatures: [2, 1.98, 2.03],
  policy,
  conformal: [{ on: '开发集', outcomes: evaluateConformal(tree, judge(1), calibrations) }],
  bayes: {
    trained: 4400,
    trainRows: 4600,
    judged: 300,
    testRows: 400,
    levels: [1, 2, 3].map((level) => ({
      level,
      rows: 300,
      top1: 0.4,
      top3: 0.5,
      top5: 0.6,
      modelTop1: 0.7,
      modelTop5: 0.9,
    })),
    sample: [],
  },
  settings: [['随机种子', '1']],
  seconds: 185,
};
