/** Style and the one script of the report; colours by Okabe & Ito, which people who see colours differently tell apart. */

export const STYLE = `
:root{--ink:#1c2430;--soft:#5b6675;--ground:#fff;--panel:#f5f7fa;--rule:#d9dfe7;--c1:#0072b2;--c2:#56b4e9;--c3:#a9d5f2;--c4:#d55e00;--c5:#009e73;--c6:#cc79a7}
@media (prefers-color-scheme:dark){:root{--ink:#e6eaf0;--soft:#9aa6b6;--ground:#14181e;--panel:#1d232b;--rule:#364050;--c1:#56b4e9;--c2:#2f86bd;--c3:#1f5a80;--c4:#e8833a;--c5:#2fc79c;--c6:#dc9cc0}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1080px;padding:24px 20px 60px;color:var(--ink);background:var(--ground);font:15px/1.65 "Noto Sans CJK SC","PingFang SC","Microsoft YaHei",system-ui,sans-serif}
h1{font-size:26px;margin:0 0 6px}h1 small{font-size:15px;color:var(--soft);font-weight:400}
h2{font-size:19px;margin:36px 0 8px;border-bottom:2px solid var(--c1);padding-bottom:4px}
h3{font-size:16px;margin:22px 0 6px}
p{margin:6px 0}.note,small,figcaption{color:var(--soft);font-size:13px}
code{background:var(--panel);padding:1px 5px;border-radius:3px}
.tiles{display:flex;flex-wrap:wrap;gap:12px;margin:14px 0}
.tile{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:10px 18px;min-width:170px}
.tile b{display:block;font-size:26px}.tile span{display:block;font-size:13px;color:var(--soft)}
.plots{display:flex;flex-wrap:wrap;gap:18px}figure{margin:0}
svg{max-width:100%;height:auto;display:block}
.grid{stroke:var(--rule);stroke-width:1}.tick{fill:var(--soft);font-size:11px}.axis{fill:var(--ink);font-size:12px}
.honest{stroke:var(--soft);stroke-dasharray:4 4}
.line{fill:none;stroke-width:2}
.line.one{stroke:var(--c1)}.line.two{stroke:var(--c4);stroke-dasharray:8 3}.line.three{stroke:var(--c5);stroke-dasharray:3 3}.line.four{stroke:var(--c6);stroke-dasharray:10 3 2 3}.line.five{stroke:var(--ink);stroke-dasharray:1 4}.line.six{stroke:var(--soft)}
.line.before{stroke:var(--soft);stroke-dasharray:3 3;stroke-width:1.5}
.point.one{fill:var(--c1)}
.bar.one{fill:var(--c1)}.bar.two{fill:var(--c2)}.bar.three{fill:var(--c3)}.whisker{stroke:var(--ink);stroke-width:1.4}
.scroll{overflow-x:auto}
table{border-collapse:collapse;margin:10px 0;font-size:14px;font-variant-numeric:tabular-nums}
th,td{padding:4px 12px;border-bottom:1px solid var(--rule);text-align:right;white-space:nowrap}
th:first-child,.text2 td:nth-child(2),.text1 td{text-align:left}
td{font-weight:400}tbody th{font-weight:400}thead th{background:var(--panel);position:sticky;top:0}
tbody tr:hover{background:var(--panel)}
.amount{display:inline-block;height:9px;background:var(--c4);margin-right:6px}
.sortable thead th{cursor:pointer}.sortable thead th[aria-sort=ascending]::after{content:" ▲"}.sortable thead th[aria-sort=descending]::after{content:" ▼"}
@media print{body{max-width:none}thead th{position:static}}
`;

/** Numbers by size, names by their order in Chinese; what was not measured comes last. */
export const SORT_SCRIPT = `
for (const table of document.querySelectorAll('.sortable')) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const valueOf = (row, at) => {
    const text = row.cells[at].textContent;
    const number = Number.parseFloat(text.replace(/,/g, ''));
    return at === 0 ? text : Number.isNaN(number) ? -Infinity : number;
  };
  heads.forEach((head, at) => {
    head.tabIndex = 0;
    const sort = () => {
      const rising = head.getAttribute('aria-sort') === 'descending' || (at === 0 && !head.hasAttribute('aria-sort'));
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', rising ? 'ascending' : 'descending');
      const rows = [...body.rows].map((row) => [valueOf(row, at), row]);
      rows.sort(([a], [b]) => (rising ? 1 : -1) * (at === 0 ? a.localeCompare(b, 'zh') : a < b ? -1 : a > b ? 1 : 0));
      body.append(...rows.map(([, row]) => row));
    };
    head.addEventListener('click', sort);
    head.addEventListener('keydown', (event) => { if (event.key === 'Enter') sort(); });
  });
}
`;
