/** What the workplace says about reviews, accounts and failures of signing in, in words. */
import type { Role } from '../server/account-schemas.js';
import type { ReviewBody } from '../server/review-schemas.js';
import type { ApiError } from './api.js';
import { type Failure, failureWords, percent } from './wording.js';
import type { Outcome } from './work-bench.js';
import type { ReviewCause } from './workplace-api.js';

export const causeNames: Readonly<Record<ReviewCause, string>> = {
  uncertain: '拿不准',
  'table-disagrees': '与对照表不符',
  'likely-mislabelled': '疑似归类有误',
  'new-cluster': '疑似新类',
};

/** Why it came into the queue, in a sentence. */
export function causeWhy({ cause, label, decision, candidates }: ReviewBody): string {
  const named = label ? `「${label.name}」（${label.short}）` : '';
  switch (cause) {
    case 'uncertain':
      if (decision?.kind === 'fallback')
        return decision.under
          ? `模型只能确定到「${decision.under.name}」，需要你选出具体事项。`
          : '模型连一级分类也拿不准，需要你选出具体事项。';
      return `首个候选只有 ${percent(candidates[0]?.probability ?? 0)} 的把握，需要你确认。`;
    case 'table-disagrees':
      return label ? `对照表归入${named}，模型看法不同，请裁定。` : '模型的看法与对照表不同，请裁定。';
    case 'likely-mislabelled':
      return label ? `档案里归在${named}，可能不对，请核对。` : '档案里的归类可能不对，请核对。';
    case 'new-cluster':
      return '收容项里有许多与它相似的工单，也许应有专门事项；请选最合适的事项，或在备注里说明。';
  }
}

/** One line of the queue: what the model makes of it. */
export function leaning({ decision, candidates }: ReviewBody): string {
  const [first] = candidates;
  if (decision?.kind === 'fallback')
    return decision.under ? `只到「${decision.under.name}」` : '一级也拿不准';
  if (first) return `${first.name} ${percent(first.probability)}`;
  return '没有建议';
}

export function outcomeWords(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'chosen':
      return `工单 ${outcome.ticket} 已归入 ${outcome.item.short}「${outcome.item.name}」`;
    case 'skipped':
      return `工单 ${outcome.ticket} 已跳过`;
    case 'undone':
      return `已撤销，工单 ${outcome.ticket} 回到手上`;
    case 'taken':
      return `工单 ${outcome.ticket} 已到其他坐席手上，你的操作没有记录`;
    case 'closed':
      return `工单 ${outcome.ticket} 已有人处理完，你的操作没有记录`;
    case 'nothing-to-undo':
      return outcome.ticket === '' ? '没有可以撤销的' : `工单 ${outcome.ticket} 已不能撤销`;
  }
}

export const roleNames: Readonly<Record<Role, string>> = {
  intake: '受理系统',
  agent: '坐席',
  manager: '班长',
  admin: '管理员',
};

export function signInFailure(error: ApiError): Failure {
  switch (error.code) {
    case 'sign-in-failed':
      return { title: '用户名或密码不对', detail: '账号停用时也会这样提示；忘记密码请找管理员重发链接。' };
    case 'link-invalid':
      return {
        title: '链接已用过或已过期',
        detail: '一次性链接 24 小时内有效；请找管理员重发，首次启动的链接重启服务后会再给出。',
      };
    case 'sign-in-limited':
      return {
        title: '错误次数太多',
        detail:
          error.retryAfter === null ? '请稍后再试。' : `请 ${Math.ceil(error.retryAfter / 60)} 分钟后再试。`,
      };
    case 'store-opening':
      return { title: '数据库正在打开', detail: '服务器刚刚启动，请过几秒再试。' };
    default:
      return failureWords(error);
  }
}

export function accountFailure(error: ApiError): Failure {
  switch (error.code) {
    case 'user-exists':
      return { title: '这个用户名已有人用', detail: '停用的账号也占着名字；可以启用它并重发链接。' };
    case 'last-admin':
      return { title: '这是最后一个管理员', detail: '请先另设一个管理员，再停用或改他的角色。' };
    case 'request-invalid':
      return { title: '名字不合要求', detail: '以文字或数字开头，可含空格和 . _ @ -，最多 60 个字符。' };
    default:
      return failureWords(error);
  }
}

export const passwordLimits = { least: 10, most: 200 } as const;

/** What is wrong with a new password; null: nothing. */
export function passwordFault(password: string, again: string): string | null {
  if (password.length < passwordLimits.least) return `密码至少 ${passwordLimits.least} 个字符`;
  if (password.length > passwordLimits.most) return `密码至多 ${passwordLimits.most} 个字符`;
  return password === again ? null : '两次输入的密码不一样';
}
