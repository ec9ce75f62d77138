/**
 * `report.html`: how good a model is and what it was trained on, for the people of a hotline. One file in
 * Chinese that opens offline; plots are inline SVG. The script only sorts the item table and may be missing.
 * Nothing of a ticket's text is in it.
 */
import type { Item } from '../../src/taxonomy/item.js';
import type { Evaluation } from '../evaluation/evaluate.js';
import { decimal, duration, levelName, NONE, percent, whole } from './figures.js';
import { Markup, markup } from './markup.js';
import { reliabilityDiagram } from './reliability-diagram.js';
import { SORT_SCRIPT, STYLE } from './report-style.js';
import { riskCoveragePlot } from './risk-coverage-plot.js';
import { topKBars } from './top-k-bars.js';
import { reasonName, splitName, type TrainingReport } from './training-facts.js';

/** More rows than a browser scrolls with pleasure; metrics.json has them all. */
const MAX_ITEMS = 3000;

export function renderReport(report: TrainingReport): string {
  const { model, evaluation } = report;
  const page = markup`<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>模型报告 ${model.id} ${model.version}</title>
<style>${new Markup(STYLE)}</style>
</head>
<body>
<header>
<h1>模型报告 <small>${model.id} · ${model.version}</small></h1>
<p>训练于 ${model.trainedAt}，用时 ${duration(report.seconds)}。分类体系：${report.taxonomy.meta.title}（${report.taxonomy.meta.id}，版本 ${report.taxonomy.meta.version}，${whole(report.taxonomy.items.length)} 个事项，${whole(report.taxonomy.leaves.length)} 个末级事项）。</p>
<p class="note">标签来源：${report.labelOrigin}</p>
</header>
<main>
${evaluation ? judgedSections(report, evaluation) : markup`<section><h2>尚未评估</h2><p>没有留出的工单，因此没有任何质量指标。请用 <code>duihao evaluate</code> 在未参与训练的工单上评估。</p></section>`}
${dataSection(report)}
${settingsSection(report)}
${evaluation ? itemSection(evaluation) : undefined}
</main>
<script>${new Markup(SORT_SCRIPT)}</script>
</body>
</html>
`;
  return page.text;
}

function judgedSections(report: TrainingReport, evaluation: Evaluation): Markup {
  return markup`${summarySection(report, evaluation)}
${calibrationSection(report, evaluation)}
${selectionSection(report, evaluation)}
${conformalSection(report)}
${facetSection(report)}
${fewShotSection(evaluation)}
${confusionSection(evaluation)}`;
}

function table(head: readonly (string | Markup)[], rows: readonly Markup[], kind = ''): Markup {
  return markup`<div class="scroll"><table class="${kind}"><thead><tr>${head.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

const cells = (values: readonly (string | Markup)[]) =>
  markup`<tr>${values.map((value, at) => (at === 0 ? markup`<th scope="row">${value}</th>` : markup`<td>${value}</td>`))}</tr>
`;

const within = ({ low, high }: { low: number; high: number }) =>
  Number.isFinite(low) ? markup` <small>${percent(low)}–${percent(high)}</small>` : markup``;

function summarySection(report: TrainingReport, evaluation: Evaluation): Markup {
  const { hierarchical, levels } = evaluation;
  const { bayes } = report;
  return markup`<section><h2>概要</h2>
<p>在 ${report.evaluatedOn} 的 ${whole(evaluation.rows)} 件工单上评估，这些工单没有参与拟合。${evaluation.unjudged > 0 ? `其中 ${whole(evaluation.unjudged)} 件没有可用的标签，未计入。` : ''}${evaluation.acceptAlternatives ? '第二个可接受的事项也算正确。' : ''}</p>
<div class="tiles">${levels
    .filter(({ rows }) => rows > 0)
    .map(
      ({ level, top1, top5, ece }) =>
        markup`<div class="tile"><b>${percent(top1)}</b><span>${levelName(level)}首位命中</span><span>前五 ${percent(top5)} · 校准误差 ${decimal(ece)}</span></div>`,
    )}</div>
${topKBars(levels)}
${table(
  ['层级', '工单', '首位', '前三', '前五', '校准误差 ECE', '其中偶然', '最大校准误差', '宏平均 F1', 'AURC'],
  levels.map((one) =>
    cells([
      levelName(one.level),
      whole(one.rows),
      markup`${percent(one.top1)}${within(one.top1Interval)}`,
      percent(one.top3),
      markup`${percent(one.top5)}${within(one.top5Interval)}`,
      decimal(one.ece),
      decimal(one.eceNoise),
      decimal(one.mce),
      decimal(one.macroF1),
      decimal(one.aurc),
    ]),
  ),
)}
<p class="note">小字为 95% 自助法置信区间。某层级只计标签达到该层级的工单；止于上级的末级事项按其自身计入更深层级。“其中偶然”是校准完美的模型在同样件数上仅因偶然也会有的 ECE。</p>
<p>按路径比较（事项及其全部上级）：层次精确率 ${percent(hierarchical.precision)}，层次召回率 ${percent(hierarchical.recall)}，层次 F1 ${percent(hierarchical.f1)}（Kosmopoulos 等，2015）。</p>
${
  bayes
    ? markup`<h3>与朴素贝叶斯基线比较</h3>
<p>基线为 natural 的朴素贝叶斯分类器（分词后的词），用 ${whole(bayes.trainRows)} 件训练工单中的 ${whole(bayes.trained)} 件学习，在 ${whole(bayes.testRows)} 件中的 ${whole(bayes.judged)} 件上评估，两者为同一批工单。</p>
${table(
  ['层级', '基线首位', '本模型首位', '基线前五', '本模型前五'],
  bayes.levels.map((one) =>
    cells([
      levelName(one.level),
      percent(one.top1),
      percent(one.modelTop1),
      percent(one.top5),
      percent(one.modelTop5),
    ]),
  ),
)}`
    : undefined
}
</section>`;
}

function calibrationSection(report: TrainingReport, { levels }: Evaluation): Markup {
  const { uncalibrated, temperatures } = report;
  return markup`<section><h2>概率是否可信</h2>
<p>每个点是一组概率相近的答案：横轴为模型给出的平均概率，纵轴为实际正确的比例。落在对角线上即“说多少就是多少”。${uncalibrated ? '虚线为校准前。' : ''}${temperatures ? `各级温度：${temperatures.map((value, at) => `${levelName(at + 1)} ${decimal(value, 2)}`).join('，')}。` : ''}</p>
<div class="plots">${levels
    .filter(({ rows }) => rows > 0)
    .map((figures) => {
      const before = uncalibrated?.find(({ level }) => level === figures.level);
      return markup`<figure>${reliabilityDiagram(levelName(figures.level), figures, before?.bins)}<figcaption>${levelName(figures.level)}：ECE ${decimal(figures.ece)}${before ? `（校准前 ${decimal(before.ece)}）` : ''}</figcaption></figure>
`;
    })}</div></section>`;
}

function selectionSection(report: TrainingReport, { levels }: Evaluation): Markup {
  const errors = levels[0]?.coverageAtError.map(({ error }) => error) ?? [];
  const { policy } = report;
  return markup`<section><h2>只在有把握时作答</h2>
<p>概率低于阈值的工单退回上级的“其他”。下图为作答比例与其中差错率的关系，越低越好。</p>
${riskCoveragePlot(levels)}
${table(
  ['层级', ...errors.map((error) => `差错 ≤ ${percent(error, 0)} 时可作答`)],
  levels.map((one) =>
    cells([levelName(one.level), ...one.coverageAtError.map(({ coverage }) => percent(coverage))]),
  ),
)}
${
  policy
    ? markup`<h3>判定策略</h3><p>目标差错率 ${percent(policy.targetError)}；阈值由开发集得出。</p>
${table(
  ['层级', '阈值', '退回上级的工单', '具体答案中的差错'],
  levels.map((one) =>
    cells([
      levelName(one.level),
      decimal(policy.thresholds[Math.min(one.level, policy.thresholds.length) - 1]),
      percent(one.policy?.fallbackRate),
      percent(one.policy?.answeredError),
    ]),
  ),
)}`
    : undefined
}</section>`;
}

function conformalSection({ conformal }: TrainingReport): Markup | undefined {
  if (!conformal || conformal.length === 0) return undefined;
  return markup`<section><h2>保证覆盖的候选集合</h2>
<p>给出能以承诺的概率包含正确事项的最小集合（共形预测；Romano 等，2020；Angelopoulos 等，2021），服务时用 coverage 索取。表中每件工单的集合都由未见过它的阈值给出。</p>
${table(
  ['工单', '承诺', '件数', '实际包含', '合并后包含', '平均末级数', '平均项数', '只有一项', '含上级事项'],
  conformal.flatMap(({ on, outcomes }) =>
    outcomes.map((one) =>
      cells([
        on,
        percent(one.coverage, 0),
        whole(one.rows),
        percent(one.covered),
        percent(one.coveredByItems),
        decimal(one.meanLeaves, 1),
        decimal(one.meanItems, 1),
        percent(one.single),
        percent(one.withAncestor),
      ]),
    ),
  ),
)}</section>`;
}

function facetSection({ facets }: TrainingReport): Markup | undefined {
  if (!facets || facets.length === 0) return undefined;
  return markup`<section><h2>扩展码</h2>
<p>训练工单带有以下扩展维度的列，各有自己的输出和校准。只评估写明取值的工单；受理系统已给出的取值不会被改写。</p>
${table(
  ['扩展维度', '工单', '正确率', '总答最常见取值', '校准误差 ECE', '其中偶然'],
  facets.map((one) =>
    cells([
      one.name,
      whole(one.rows),
      markup`${percent(one.accuracy)}${within(one.accuracyInterval)}`,
      percent(one.majority),
      decimal(one.ece),
      decimal(one.eceNoise),
    ]),
  ),
)}
<div class="plots">${facets
    .filter(({ rows }) => rows > 0)
    .map(
      (
        one,
      ) => markup`<figure>${reliabilityDiagram(one.name, one)}<figcaption>${one.name}：ECE ${decimal(one.ece)}</figcaption></figure>
`,
    )}</div>
${facets.map((one) =>
  table(
    [one.name, '评估', '被判为', '精确率', '召回率'],
    one.values
      .filter(({ support, predicted }) => support + predicted > 0)
      .map(({ code, name, support, predicted, precision, recall }) =>
        cells([
          `${code} ${name}`,
          whole(support),
          whole(predicted),
          percent(precision, 0),
          percent(recall, 0),
        ]),
      ),
  ),
)}</section>`;
}

function fewShotSection({ fewShot }: Evaluation): Markup | undefined {
  if (!fewShot) return undefined;
  const name = (from: number, to: number | null) =>
    to === null ? `${from} 件及以上` : from === to ? `${from} 件` : `${from}–${to} 件`;
  return markup`<section><h2>少见事项</h2><p>按正确事项在训练集中的工单数分组。</p>
${table(
  ['训练工单数', '评估工单', '不同事项', '首位', '前五'],
  fewShot.map(({ from, to, rows, items, top1, top5 }) =>
    cells([name(from, to), whole(rows), whole(items), percent(top1), percent(top5)]),
  ),
)}</section>`;
}

const named = ({ code, displayName }: Item) =>
  code === displayName ? displayName : `${code} ${displayName}`;

function confusionSection({ confusions }: Evaluation): Markup {
  const most = confusions[0]?.count ?? 1;
  return markup`<section><h2>最易混淆的事项</h2>
${
  confusions.length === 0
    ? markup`<p>没有差错。</p>`
    : table(
        ['正确事项', '被判为', '件数', '占该事项', '分歧始于'],
        confusions.map(({ truth, predicted, count, share, sharedLevel }) =>
          cells([
            named(truth),
            named(predicted),
            markup`<span class="amount" style="width:${Math.round((60 * count) / most)}px"></span>${count}`,
            percent(share, 0),
            levelName(sharedLevel + 1),
          ]),
        ),
        'text2',
      )
}</section>`;
}

function dataSection({ data, taxonomy }: TrainingReport): Markup {
  const { files, rejections, split } = data;
  const seen = Array.from({ length: taxonomy.depth }, (_, at) => data.labelLevels[at] ?? 0);
  return markup`<section><h2>训练数据</h2>
${table(
  ['文件', '行', '可用工单', '退回的行', '编码'],
  files.map(({ file, rows, tickets, rejected, encoding }) =>
    cells([file, whole(rows), whole(tickets), whole(rejected), encoding ?? NONE]),
  ),
)}
<p>${splitName(split.by)}：训练 ${whole(split.train)} 件，开发 ${whole(split.dev)} 件。近似重复 ${whole(data.nearDuplicates)} 件；正文过长被截断 ${whole(data.cut)} 件。</p>
<p>训练工单的标签层级：${seen.map((count, at) => `${levelName(at + 1)} ${whole(count)} 件`).join('，')}。${data.extras.length > 0 ? `另用于学习：${data.extras.map(({ what, count }) => `${what} ${whole(count)} 条`).join('，')}。` : ''}</p>
${
  rejections.length === 0
    ? markup`<p>没有退回的行。</p>`
    : markup`<h3>退回的行</h3>${table(
        ['原因', '行数'],
        rejections.map(({ reason, count }) => cells([reasonName(reason), whole(count)])),
      )}`
}</section>`;
}

function settingsSection({ settings }: TrainingReport): Markup | undefined {
  if (settings.length === 0) return undefined;
  return markup`<section><h2>训练设置</h2>${table(
    ['设置', '值'],
    settings.map(([name, value]) => cells([name, value])),
    'text1',
  )}</section>`;
}

function itemSection({ items }: Evaluation): Markup {
  const shown = items.slice(0, MAX_ITEMS);
  return markup`<section><h2>各事项</h2>
<p>在评估工单中出现或被判出的 ${whole(items.length)} 个事项，各在自己的层级计算。点击表头可排序。${items.length > shown.length ? `此处列出前 ${whole(shown.length)} 个，全部见 metrics.json。` : ''}</p>
${table(
  ['事项', '层级', '训练', '评估', '被判为', '精确率', '召回率', 'F1', '正确事项的平均概率'],
  shown.map(({ item, trained, support, predicted, precision, recall, f1, meanProbability }) =>
    cells([
      named(item),
      String(item.level),
      whole(trained),
      whole(support),
      whole(predicted),
      percent(precision, 0),
      percent(recall, 0),
      decimal(f1, 2),
      decimal(meanProbability, 2),
    ]),
  ),
  'sortable',
)}</section>`;
}
