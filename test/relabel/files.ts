/** Files and services for the tests of relabelling. */
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { type FacetTable, facetValueOf } from '../../src/taxonomy/facets.js';
import { toyService } from '../server/toy-service.js';

type Suggest = SuggestService['suggest'];

/** The service with another `suggest` in front of its own. */
export function answeringWith(
  service: SuggestService,
  suggest: (own: Suggest, ...question: Parameters<Suggest>) => ReturnType<Suggest>,
): SuggestService {
  const { taxonomy, model, coverages } = service;
  const own: Suggest = (...question) => service.suggest(...question);
  return {
    taxonomy,
    model,
    coverages,
    suggest: (...question) => suggest(own, ...question),
    close: () => service.close(),
  };
}

/** Answers with the facets that were given, and 诉求类别 03 where none was: as a model with that head does. */
export function facetService(table: FacetTable): SuggestService {
  return answeringWith(toyService(), async (own, tickets, options) =>
    (await own(tickets, options)).map((suggestion, at) => {
      const given = tickets[at]!.facets ?? {};
      const facets = table.facets.flatMap((facet) => {
        const code = given[facet.id] ?? (facet.id === 'demand' ? '03' : undefined);
        const value = code === undefined ? undefined : facetValueOf(facet, code);
        if (!value) return [];
        const isGiven = facet.id in given;
        const probability = isGiven ? 1 : 0.8;
        return [{ facet: facet.id, code: value.code, name: value.name, probability, given: isGiven }];
      });
      const codes = facets.map(
        ({ facet, code }) => table.facets.find(({ id }) => id === facet)!.prefix + code,
      );
      const { item } = suggestion.decision;
      const combinedCode = item ? [item.fullCode, ...codes].join(table.separator) : undefined;
      return { ...suggestion, facets, ...(combinedCode === undefined ? {} : { combinedCode }) };
    }),
  );
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
