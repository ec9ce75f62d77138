/** What the page says about probabilities, decisions and failures, in words. */
import type { AdjustmentBody, DecisionBody, ItemRefBody } from '../server/schemas.js';
import type { ApiError } from './api.js';

/** Never “100%” or “0%” for what is not exactly that. */
export function percent(probability: number): string {
  if (probability >= 1) return '100%';
  if (probability <= 0) return '0%';
  if (probability >= 0.995) return '>99%';
  if (probability < 0.01) return '<1%';
  return `${Math.round(probability * 100)}%`;
}

/** A probability of 0.7 is right seven times in ten; the words claim no more than that. */
export function confidenceWord(probability: number): string {
  if (probability >= 0.9) return '很有把握';
  if (probability >= 0.7) return '较有把握';
  if (probability >= 0.4) return '有一定把握';
  if (probability >= 0.15) return '可能性较小';
  return '可能性很小';
}

type Fallback = Extract<DecisionBody, { kind: 'fallback' }>;

/** What the fallback is, in a heading. */
export function fallbackTitle(decision: Fallback): string {
  if (decision.reason === 'no-candidates') return '限定范围内没有可选的事项';
  if (decision.reason !== 'low-confidence') return '读不出诉求';
  return decision.under ? '只能确定到上级' : '一级分类也拿不准';
}

/** Why it fell back, in a sentence. `asked` is false where the text is empty by the agent's own doing. */
export function fallbackReason(decision: Fallback): string {
  switch (decision.reason) {
    case 'low-confidence':
      return decision.under
        ? `能确定属于「${decision.under.name}」（${percent(decision.probability)}），但它下面没有哪一项够把握。`
        : '没有哪个一级分类达到要求的把握，需要人工判断。';
    case 'empty-text':
      return '工单里没有可读的文字（空白或只有标点）。';
    case 'unintelligible':
      return '工单里没有模型认识的字词，可能是乱码、外文或只有号码。';
    case 'no-candidates':
      return '当前限定的分支里没有可以归入的事项，请放宽限定。';
  }
}

/** Where it falls, in a sentence. `parent`: the item right above the catch-all, where it is known. */
export function fallbackTarget(decision: Fallback, parent: ItemRefBody | null): string {
  if (decision.item === null) return '分类体系在这里没有收容项（99），请在右侧候选或事项树中选定。';
  const named = `${decision.short}「${decision.name}」`;
  if (decision.under && parent && parent.item !== decision.under.item) {
    return `「${decision.under.name}」没有自己的收容项，退到最近的收容项 ${named}。`;
  }
  return `暂归入收容项 ${named}。`;
}

/** That what agents chose lately moved the answer, by how much and where to. */
export function adjustmentWords(
  { share, choices, corrections, items, model }: AdjustmentBody,
  decided: string | null,
): string {
  const of =
    corrections === choices
      ? `${choices} 条相似更正`
      : `${choices} 条相似工单的选择（其中 ${corrections} 条为更正）`;
  const [most] = items;
  const where = most ? `，${most.share < 1 ? '多' : '都'}选「${most.name}」` : '';
  const own = model !== null && model.item !== decided ? `；模型首选「${model.name}」` : '';
  return `近期更正影响：${of}占此判定的 ${percent(share)}${where}${own}`;
}

/** One line for screen readers when an answer arrives. */
export function announce(decision: DecisionBody, candidates: number): string {
  const others = candidates > 0 ? `共 ${candidates} 个候选。` : '没有候选。';
  if (decision.kind === 'specific') {
    return `建议：${decision.name}，代码 ${decision.code}，${confidenceWord(decision.probability)}，${percent(decision.probability)}。${others}`;
  }
  return `${fallbackTitle(decision)}。${fallbackReason(decision)}${fallbackTarget(decision, null)}${others}`;
}

export interface Failure {
  readonly title: string;
  readonly detail: string;
}

export function failureWords(error: ApiError): Failure {
  switch (error.kind) {
    case 'offline':
      return { title: '连不上服务器', detail: '请检查网络；内容仍在页面上，不会丢失。' };
    case 'unavailable':
      return error.code === 'model-loading'
        ? { title: '模型正在载入', detail: '服务器刚刚启动，准备好后会自动给出建议。' }
        : { title: '服务器暂时不可用', detail: '可能正忙或正在重启。' };
    case 'limited':
      return { title: '请求太频繁', detail: '已达到服务器设定的每分钟次数。' };
    case 'signed-out':
      return { title: '登录已失效', detail: '请重新登录；页面上的内容还在。' };
    case 'refused':
      return refusedWords(error);
    case 'broken':
      return {
        title: '服务器出错了',
        detail: `请重试；若一直如此，请告知管理员（${error.code || `HTTP ${error.status}`}）。`,
      };
  }
}

function refusedWords(error: ApiError): Failure {
  if (error.status === 413) return { title: '内容太长', detail: '超过服务器接受的大小，请删减后再试。' };
  if (error.code === 'role-insufficient') {
    return { title: '没有权限', detail: '当前角色不能做这件事，请联系管理员。' };
  }
  if (error.code === 'item-unknown') {
    return { title: '限定的事项已不存在', detail: '分类体系可能已更新，请去掉限定后再试。' };
  }
  return {
    title: '服务器没有接受这次请求',
    detail: `请刷新页面后再试（${error.code || `HTTP ${error.status}`}）。`,
  };
}

/** Display names of the default facets; another table's facets show by their id. */
const facetNames: Readonly<Record<string, string>> = {
  demand: '诉求类别',
  requester: '诉求人',
  channel: '受理渠道',
  urgency: '紧急程度',
};

export function facetName(id: string): string {
  return facetNames[id] ?? id;
}
