/**
 * The manual of docs/agents.zh-CN.md as a page beside the agents' page: made when that is built, so that there is
 * one text, and readable without the internet. Takes the Markdown that the manual is written in and no more.
 */

/** @throws Error at what it does not know, so that a build fails rather than a page shows raw signs */
export function manualPage(markdown: string): string {
  const blocks = markdown.trim().split(/\n{2,}/);
  const title = /^# (.+)$/.exec(blocks[0] ?? '')?.[1];
  if (title === undefined) throw new Error('the manual must begin with its title');
  return `<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${inline(title)} · 对号</title>
<link rel="icon" href="favicon.svg">
<link rel="stylesheet" href="manual.css">
</head>
<body>
<main>
${blocks.map(block).join('\n')}
</main>
</body>
</html>
`;
}

function block(text: string): string {
  const lines = text.split('\n');
  const heading = /^(#{1,3}) (.+)$/.exec(text);
  if (heading && lines.length === 1)
    return `<h${heading[1]!.length}>${inline(heading[2]!)}</h${heading[1]!.length}>`;
  if (lines.every((line) => line.startsWith('|'))) return table(lines);
  if (lines.every((line) => line.startsWith('- ')))
    return `<ul>\n${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('\n')}\n</ul>`;
  if (/^[#|>\-`]/m.test(text)) throw new Error(`the manual's page does not know: ${lines[0]}`);
  return `<p>${inline(text)}</p>`;
}

function table([head = '', rule = '', ...rows]: readonly string[]): string {
  const cells = (line: string) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => inline(cell.trim()));
  if (!/^\|(?:-+\|)+$/.test(rule)) throw new Error(`a table without its rule: ${head}`);
  const width = cells(head).length;
  const row = (line: string) => {
    if (cells(line).length !== width) throw new Error(`a row of another width: ${line}`);
    return `<tr>${cells(line)
      .map((cell) => `<td>${cell}</td>`)
      .join('')}</tr>`;
  };
  const heading = cells(head)
    .map((cell) => `<th scope="col">${cell}</th>`)
    .join('');
  return `<table>\n<thead><tr>${heading}</tr></thead>\n<tbody>\n${rows.map(row).join('\n')}\n</tbody>\n</table>`;
}

/** Bold, code and keys; everything else is text. */
function inline(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/&lt;(\/?kbd)&gt;/g, '<$1>')
    .replace(/\*\*(.+?)\*\*/g, '<strong>$1</strong>')
    .replace(/`(.+?)`/g, '<code>$1</code>');
}
