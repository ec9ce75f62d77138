/** The agents' manual: true to the keys, and a page of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.js';
import { type KeyHelpRow, keyHelp } from '../../src/web/keys.js';
import { manualPage } from '../../src/web/manual-page.js';
import { workKeyHelp } from '../../src/web/work-keys.js';
import { causeNames, passwordLimits, roleNames } from '../../src/web/workplace-wording.js';

const manual = readFileSync(join(packageRoot, 'docs', 'agents.zh-CN.md'), 'utf8');
const section = (title: string): string =>
  new RegExp(`## ${title}\\n([\\s\\S]*?)(?=\\n## |$)`).exec(manual)![1]!;

describe('the manual', () => {
  it.each<[string, readonly KeyHelpRow[]]>([
    ['单张判定', keyHelp],
    ['待办复核', workKeyHelp],
  ])('names every key of %s', (title, rows) => {
    const keys = [...section(title).matchAll(/<kbd>(.+?)<\/kbd>/g)].map(([, key]) => key);
    for (const [names] of rows)
      expect(keys).toEqual(expect.arrayContaining(names.filter((name) => name !== '–')));
  });

  it('names causes and roles as the page does', () => {
    for (const name of Object.values(causeNames)) expect(section('待办复核')).toContain(name);
    for (const name of [roleNames.agent, roleNames.manager, roleNames.admin])
      expect(section('登录')).toContain(`| ${name} |`);
    expect(section('登录')).toContain(`至少 ${passwordLimits.least} 个字符`);
  });

  it('is a page without anything from elsewhere, or raw signs', () => {
    const page = manualPage(manual);
    expect(page).toContain('<h1>坐席与管理员操作手册</h1>');
    expect(page).not.toMatch(/https?:|<script|style=|\*\*|\|/);
    expect(page.match(/<table>/g)).toHaveLength(manual.match(/^\|-/gm)!.length);
  });

  it('takes what is written for text, and fails at what it does not know', () => {
    expect(manualPage('# 题\n\n甲 < 乙 & <b>丙</b>')).toContain(
      '<p>甲 &lt; 乙 &amp; &lt;b&gt;丙&lt;/b&gt;</p>',
    );
    for (const bad of [
      '没有题',
      '# 题\n\n> 引',
      '# 题\n\n| 甲 |\n| 乙 |',
      '# 题\n\n| 甲 |\n|---|\n| 乙 | 丙 |',
    ])
      expect(() => manualPage(bad)).toThrow();
  });
});
