/** A small deterministic service: a keyword scorer through the real Distribution and decide(). */
import { decide, fallback } from '../../src/decision/decide.js';
import { Distribution } from '../../src/decision/distribution.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import type { Evidence, Suggestion, SuggestOptions } from '../../src/suggest/suggestion.js';
import { buildTaxonomy, type Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { Ticket } from '../../src/text/ticket.js';

export function toyTaxonomy(): Taxonomy {
  const { taxonomy } = buildTaxonomy({ id: 'toy', version: '1', title: '示例分类' }, [
    { code: '01', name: '宣传文体' },
    { code: '0106', name: '新闻出版' },
    { code: '010600', name: '' },
    { code: '08', name: '城乡建设' },
    { code: '0801', name: '城市管理' },
    { code: '080101', name: '占道经营', words: ['摆摊', '流动摊贩'] },
    { code: '080102', name: '渣土车', words: ['泥头车', '工地运土'] },
    { code: '080199', name: '其他城市管理' },
    { code: '0802', name: '住房' },
    { code: '080201', name: '物业服务', words: ['物业费', '电梯'] },
    { code: '09', name: '民生' },
    { code: '0904', name: '生活服务' },
    { code: '090401', name: '家政' },
    { code: '090499', name: '其他生活服务' },
    { code: '0905', name: '民族宗教' },
    { code: '090501', name: '宗教场所' },
    { code: '090499', name: '其他民族宗教', parentCode: '0905' },
    { code: '99', name: '其他' },
    { code: '9999', name: '其他' },
    { code: '999900', name: '' },
  ]);
  if (!taxonomy) throw new Error('the toy taxonomy is broken');
  return taxonomy;
}

export function toyService(taxonomy: Taxonomy = toyTaxonomy()): SuggestService {
  const policy = { targetError: 0.1, thresholds: [0.5, 0.5, 0.5] };
  const answer = (ticket: Ticket, options: SuggestOptions): Suggestion => {
    const scores = new Float64Array(taxonomy.leaves.length).fill(0.01);
    const evidence: Evidence[] = [];
    for (const [leaf, index] of taxonomy.leaves.entries()) {
      const item = taxonomy.at(index);
      for (const word of [item.displayName, ...item.words]) {
        for (const field of ['title', 'text'] as const) {
          const start = ticket[field]?.indexOf(word) ?? -1;
          if (start < 0) continue;
          scores[leaf]! += 0.5;
          evidence.push({ field, start, end: start + word.length, weight: 1 });
        }
      }
    }
    const pick = (indexes?: readonly number[]) => indexes?.map((index) => taxonomy.at(index));
    const whole = new Distribution(taxonomy, scores).restrict(pick(options.within), pick(options.without));
    const level = options.level ?? taxonomy.depth;
    const empty = `${ticket.title ?? ''}${ticket.text}`.trim() === '';
    const weight = 1 / Math.max(1, evidence.length);
    return {
      id: ticket.id,
      decision: empty ? fallback(whole, null, 'empty-text') : decide(whole, policy, level),
      candidates: empty
        ? []
        : whole
            .top(options.k, level)
            .map(({ item, probability }) => ({ item, path: taxonomy.pathOf(item), probability })),
      evidence: options.evidence ? evidence.map((one) => ({ ...one, weight })) : [],
      facets: [],
    };
  };
  return {
    taxonomy,
    model: { id: 'toy', version: '1', trainedAt: '2026-01-01T00:00:00.000Z' },
    suggest: async (tickets, options) => tickets.map((ticket) => answer(ticket, options)),
    close: async () => {},
  };
}
