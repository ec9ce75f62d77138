/** Files and services for the tests of relabelling. */
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { type FacetTable, facetValueOf } from '../../src/taxonomy/facets.js';
import { toyService } from '../server/toy-service.js';

/** Answers with the facets that were given, and 诉求类别 03 where none was: as a model with that head does. */
export function facetService(table: FacetTable): SuggestService {
  const service = toyService();
  return {
    ...service,
    suggest: async (tickets, options) =>
      (await service.suggest(tickets, options)).map((suggestion, at) => {
        const given = tickets[at]!.facets ?? {};
        const facets = table.facets.flatMap((facet) => {
          const code = given[facet.id] ?? (facet.id === 'demand' ? '03' : undefined);
          const value = code === undefined ? undefined : facetValueOf(facet, code);
          if (!value) return [];
          const isGiven = facet.id in given;
          return [
            {
              facet: facet.id,
              code: value.code,
              name: value.name,
              probability: isGiven ? 1 : 0.8,
              given: isGiven,
            },
          ];
        });
        const { item } = suggestion.decision;
        const codes = facets.map(({ facet, code }) => {
          const prefix = table.facets.find(({ id }) => id === facet)!.prefix;
          return prefix + code;
        });
        return item
          ? { ...suggestion, facets, combinedCode: [item.fullCode, ...codes].join(table.separator) }
          : { ...suggestion, facets };
      }),
  };
}

const TEXTS = [
  '门口有人摆摊占道经营',
  '泥头车夜里扬尘',
  '物业费又涨了',
  '电梯坏了三天',
  '家政公司不退钱',
  '',
  '你好',
];
const CODES = ['080101', '080102', '090401', '08', '123456', '', '0802010000'];

/** Deterministic legacy rows, with quoted cells and a broken row now and then. */
export function legacyCsv(rows: number): string {
  let csv = '\uFEFF编号,内容,事项编码,备注\r\n';
  for (let row = 0; row < rows; row += 1) {
    const text = TEXTS[row % TEXTS.length]!;
    const code = CODES[(row * 3) % CODES.length]!;
    if (row % 97 === 50) csv += `${row},缺列\r\n`;
    else csv += `${row},"${text}，""第 ${row} 件""",${code},"两\n行"\r\n`;
  }
  return csv;
}
