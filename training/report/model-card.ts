/**
 * `MODEL_CARD.md`: what a model is, what it was trained on and what it must not be used for, in Chinese with an
 * English summary (after Mitchell et al., "Model Cards for Model Reporting", FAT* 2019).
 */
import type { LevelFigures } from '../evaluation/evaluate.js';
import { decimal, duration, levelName, percent, whole } from './figures.js';
import { reasonName, splitName, type TrainingReport } from './training-facts.js';

export function renderModelCard(report: TrainingReport): string {
  const { model, taxonomy, data, evaluation, settings } = report;
  const lines = [
    `# 模型卡：${plain(model.id)}`,
    '',
    `版本 ${plain(model.version)}，训练于 ${plain(model.trainedAt)}，用时 ${duration(report.seconds)}。`,
    '',
    '## 用途',
    '',
    `为 12345 热线工单推荐诉求事项：给出「${plain(taxonomy.meta.title)}」（${plain(taxonomy.meta.id)}，版本 ${plain(taxonomy.meta.version)}，摘要 ${taxonomy.digest.slice(0, 12)}）中每个事项的概率，把握不足时退回上级的“其他”。供坐席参考，由人确认；不得用于对来电人作任何判断，也不得在无人复核时据此拒绝受理。`,
    '',
    '## 训练数据',
    '',
    ...listed(
      data.files.map(
        ({ file, rows, tickets, rejected }) =>
          `${plain(file)}：${whole(rows)} 行，可用 ${whole(tickets)} 件，退回 ${whole(rejected)} 行`,
      ),
    ),
    ...listed(
      data.rejections.map(({ reason, count }) => `退回原因：${plain(reasonName(reason))} ${whole(count)} 行`),
    ),
    ...listed(data.extras.map(({ what, count }) => `另用于学习：${plain(what)} ${whole(count)} 条`)),
    `- ${splitName(data.split.by)}：训练 ${whole(data.split.train)} 件，开发 ${whole(data.split.dev)} 件；近似重复 ${whole(data.nearDuplicates)} 件`,
    '',
    `**标签来源：${plain(report.labelOrigin)}**`,
    '',
    '## 质量',
    '',
    ...qualityLines(report),
    '## 局限',
    '',
    '- 以上数字只说明在同类工单上的表现。各地的用语、事项和受理范围不同：**正式使用前，热线必须用自己的工单重新训练并评估**（`duihao train`、`duihao evaluate`）。',
    '- 训练工单很少或没有的事项明显更差（见报告“少见事项”）；新出现的事项要等有了工单并重新训练后才会被认出。',
    '- 标签本身有误差；与标签不一致不总是模型错，一致也不总是对。',
    '- 概率在与开发集相似的工单上校准；来源、时期或录入习惯改变后应重新校准。',
    '- 只读文字，不读附件、录音和来电人资料；只适用于中文。',
    '',
    '## 训练设置',
    '',
    ...(settings.length > 0
      ? [
          '| 设置 | 值 |',
          '|---|---|',
          ...settings.map(([name, value]) => `| ${plain(name)} | ${plain(value)} |`),
          '',
        ]
      : []),
    '## In English',
    '',
    `Model ${plain(model.id)} ${plain(model.version)} suggests items of the taxonomy ${plain(taxonomy.meta.id)} (${taxonomy.leaves.length} leaves, ${taxonomy.depth} levels) for Chinese hotline tickets; people decide. Trained on ${whole(data.split.train)} tickets. Origin of the labels (as stated by the trainer): ${plain(report.labelOrigin)}`,
    '',
    evaluation
      ? `On ${whole(evaluation.rows)} tickets that were not fitted on (${plain(report.evaluatedOn)}): ${evaluation.levels
          .filter(({ rows }) => rows > 0)
          .map(
            ({ level, top1, top5, ece }) =>
              `level ${level} top-1 ${percent(top1)}, top-5 ${percent(top5)}, ECE ${decimal(ece)}`,
          )
          .join('; ')}; hierarchical F1 ${percent(evaluation.hierarchical.f1)}.`
      : 'It has not been evaluated: no tickets were kept back.',
    '',
    'A hotline must train and evaluate on its own tickets before relying on it. Rare items are worse than the average; probabilities are calibrated for tickets like those of the development split.',
    '',
  ];
  return lines.join('\n');
}

function qualityLines(report: TrainingReport): string[] {
  const { evaluation, policy, bayes } = report;
  if (!evaluation) return ['没有留出的工单，未评估。', ''];
  const row = (figures: LevelFigures) =>
    `| ${[
      levelName(figures.level),
      whole(figures.rows),
      `${percent(figures.top1)}（${percent(figures.top1Interval.low)}–${percent(figures.top1Interval.high)}）`,
      percent(figures.top3),
      percent(figures.top5),
      decimal(figures.ece),
      percent(figures.coverageAtError.find(({ error }) => error === 0.05)?.coverage),
    ].join(' | ')} |`;
  const levels = evaluation.levels.filter(({ rows }) => rows > 0);
  const last = levels.at(-1);
  const lastBayes = bayes?.levels.find(({ level }) => level === last?.level);
  return [
    `在${plain(report.evaluatedOn)}的 ${whole(evaluation.rows)} 件未参与拟合的工单上：`,
    '',
    '| 层级 | 工单 | 首位（95% 置信区间） | 前三 | 前五 | ECE | 差错 ≤ 5% 时可作答 |',
    '|---|---|---|---|---|---|---|',
    ...levels.map(row),
    '',
    `层次 F1 ${percent(evaluation.hierarchical.f1)}。${evaluation.acceptAlternatives ? '第二个可接受的事项也算正确。' : ''}`,
    ...(last && lastBayes
      ? [
          `朴素贝叶斯基线（${whole(bayes!.trained)} 件训练、${whole(bayes!.judged)} 件评估）${levelName(last.level)}首位 ${percent(lastBayes.top1)}。`,
        ]
      : []),
    ...(report.facets ?? []).map(
      ({ name, rows, accuracy, majority, ece }) =>
        `扩展维度${plain(name)}：${whole(rows)} 件中正确 ${percent(accuracy)}（总答最常见取值为 ${percent(majority)}），ECE ${decimal(ece)}。`,
    ),
    ...(report.conformal ?? []).flatMap(({ on, outcomes }) =>
      outcomes
        .filter(({ rows }) => rows > 0)
        .map(
          ({ coverage, rows, covered, meanItems }) =>
            `承诺 ${percent(coverage, 0)} 的候选集合（${plain(on)} ${whole(rows)} 件）：实际包含 ${percent(covered)}，平均 ${decimal(meanItems, 1)} 项。`,
        ),
    ),
    ...(policy
      ? [
          `判定策略：目标差错率 ${percent(policy.targetError)}，各级阈值 ${policy.thresholds.map((value) => decimal(value, 2)).join(' / ')}。`,
        ]
      : []),
    '',
  ];
}

const listed = (lines: readonly string[]) => lines.map((line) => `- ${line}`);

/** Names come from files: they must not become headings, links or HTML. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#]/g, (one) => `\\${one}`);
}
