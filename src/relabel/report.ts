/** The summary of a run as a page to hand on: self-contained, without any ticket's text. */
import type { RelabelManifest } from './manifest.js';

export function reportHtml(manifest: RelabelManifest): string {
  const { input, output, model, taxonomy, summary } = manifest;
  const { old } = summary;
  const answered = summary.specific + summary.fellBack;
  const share = (count: number, of: number) => (of === 0 ? '—' : `${((100 * count) / of).toFixed(1)} %`);
  const row = (name: string, count: number, of: number) =>
    `<tr><th scope="row">${escapeHtml(name)}</th><td>${count}</td><td>${share(count, of)}</td></tr>`;
  const table = (caption: string, rows: readonly string[]) =>
    rows.length === 0
      ? ''
      : `<table><caption>${caption}</caption><thead><tr><th></th><th>行数</th><th>占比</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
  const counts = (record: Readonly<Record<string, number>>, name: (key: string) => string, of: number) =>
    Object.entries(record).map(([key, count]) => row(name(key), count, of));
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>重新编码报告</title>
<style>body{font:16px/1.6 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif;max-width:48rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1.5rem 0;width:100%}caption{text-align:left;font-weight:600}
th,td{border-bottom:1px solid #bbb;padding:.3rem .6rem;text-align:right}tbody th{text-align:left;font-weight:400}</style></head><body>
<h1>重新编码报告</h1>
<p>${escapeHtml(input.name)}（SHA-256 ${input.digest.slice(0, 12)}…）→ ${output.format}，模型 ${escapeHtml(model.id)} ${escapeHtml(model.version)}，分类体系 ${escapeHtml(taxonomy.id)} ${escapeHtml(taxonomy.version)}（${taxonomy.digest.slice(0, 12)}…）</p>
${table('结果', [
  row('判定到具体事项', summary.specific, summary.rows),
  row('拿不准，退回收容项', summary.fellBack, summary.rows),
  row('读不出', summary.unreadable, summary.rows),
  row('共', summary.rows, summary.rows),
])}
${table('退回时能确定到', counts(summary.fellBackUnder, levelName, summary.fellBack))}
${table(
  '退回的原因',
  counts(summary.fellBackBecause, (key) => key, summary.fellBack),
)}
${table('与原编码相比', [
  row('相同', old.same, answered),
  ...counts(old.changedAtLevel, (level) => `第 ${level} 级起不同`, answered),
  row('原编码细化', old.refined, answered),
  row('比原编码粗', old.coarser, answered),
  row('原编码不在本体系或有歧义', old.unknown, answered),
  row('没有原编码', old.missing, answered),
  row('没有可归入的事项', old.withoutItem, answered),
])}
${table('对照表', counts(summary.tableNotes, noteName, answered))}
</body></html>
`;
}

export const levelName = (level: string) => (level === '0' ? '一级也不能确定' : `第 ${level} 级`);

export function noteName(note: string): string {
  switch (note) {
    case 'table-disagrees':
      return '文本与对照表不符';
    case 'table-single':
      return '对照表只有一个对应事项';
    case 'table-none':
      return '对照表没有此旧编码';
    case 'table-no-code':
      return '没有旧编码';
    default:
      return note;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character]!);
}
