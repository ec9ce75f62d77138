/** What a report and a model card tell of a training: everything is given, nothing is guessed. */
import type { Policy } from '../../src/decision/policy.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { BayesBaseline } from '../evaluation/bayes-baseline.js';
import type { ConformalOutcome } from '../evaluation/conformal-outcome.js';
import type { Evaluation, LevelReliability } from '../evaluation/evaluate.js';
import type { FacetFigures } from '../evaluation/facet-figures.js';

export interface FileFacts {
  /** Name without folders. */
  readonly file: string;
  readonly rows: number;
  readonly tickets: number;
  readonly rejected: number;
  readonly encoding: string | null;
}

export interface DataFacts {
  readonly files: readonly FileFacts[];
  /** Rows that could not be used, by reason; most frequent first. */
  readonly rejections: readonly { readonly reason: string; readonly count: number }[];
  /** Tickets that lie in a group of near-duplicates with an earlier one. */
  readonly nearDuplicates: number;
  /** Tickets whose text was cut to the longest that is read. */
  readonly cut: number;
  readonly split: {
    /** `given`: the user named a dev file. */
    readonly by: 'time' | 'chance' | 'given' | 'none';
    readonly train: number;
    readonly dev: number;
  };
  /** Training tickets by the level of their label, level 1 first. */
  readonly labelLevels: readonly number[];
  /** Texts beside the tickets that were learnt from: item names and search words, written examples, unlabelled messages. */
  readonly extras: readonly { readonly what: string; readonly count: number }[];
}

export interface TrainingReport {
  readonly model: { readonly id: string; readonly version: string; readonly trainedAt: string };
  readonly taxonomy: Taxonomy;
  readonly data: DataFacts;
  /** How the labels came about, in the words of whoever trains: by agents, by annotators, by a table. Shown wherever figures are. */
  readonly labelOrigin: string;
  /** Which tickets the figures are of, e.g. `开发集（db44_gold dev）`. */
  readonly evaluatedOn: string;
  /** Tickets the model was not fitted on; null where there were none to keep back. */
  readonly evaluation: Evaluation | null;
  /** Of each facet with a head of its own, on the same tickets. */
  readonly facets?: readonly FacetFigures[] | undefined;
  /** The same before calibration, for the reliability diagrams. */
  readonly uncalibrated?: readonly LevelReliability[] | undefined;
  readonly temperatures?: readonly number[] | undefined;
  readonly policy?: Policy | undefined;
  readonly conformal?: readonly { readonly on: string; readonly outcomes: readonly ConformalOutcome[] }[];
  readonly bayes?: BayesBaseline | undefined;
  /** Name and value of each setting, e.g. seed, backend, segmenter. */
  readonly settings: readonly (readonly [string, string])[];
  readonly seconds: number;
}

const REASONS: Readonly<Record<string, string>> = {
  'row-malformed': '行无法解析',
  'column-count': '列数与表头不符',
  'row-too-large': '行过大',
  'text-empty': '标题和内容都为空',
  'label-missing': '没有事项代码',
  'label-empty': '事项代码为空',
  'label-unknown': '事项代码不在分类体系中',
  'label-ambiguous': '事项代码有多种含义',
  'label-retired': '事项已停用且没有接替事项',
  'label-unmapped': '对照表中没有该事项代码',
  'label-hasty': '事项代码是坐席匆忙采纳的退回项',
};

/** In Chinese with the stable code behind it; the code alone where it is a new one. */
export function reasonName(reason: string): string {
  const name = REASONS[reason];
  return name ? `${name}（${reason}）` : reason;
}

const SPLITS: Readonly<Record<DataFacts['split']['by'], string>> = {
  time: '按时间划分（最新的工单作开发集）',
  chance: '随机划分（近似重复的工单在同一侧）',
  given: '由用户指定开发集',
  none: '未划分',
};

export function splitName(by: DataFacts['split']['by']): string {
  return SPLITS[by];
}
