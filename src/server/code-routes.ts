/** GET /v1/codes/{code}: base codes, cities' codes behind Z and combined codes, taken apart and explained. */
import { Router } from 'express';
import {
  type CombinedFault,
  type Extension,
  extensionCode,
  parseCombinedCode,
} from '../taxonomy/combined-code.js';
import { explainCode, explainItem, type Language } from '../taxonomy/explain.js';
import type { FacetTable } from '../taxonomy/facets.js';
import type { Item } from '../taxonomy/item.js';
import type { Taxonomy } from '../taxonomy/taxonomy.js';
import { itemsOfCode } from './item-lookup.js';
import { presentItem, presentTaxonomy } from './presentation.js';
import { Problem } from './problem.js';
import type { CodeResponse } from './schemas.js';
import type { ServiceSlot } from './service-slot.js';

export function codeRoutes(slot: ServiceSlot, facets: FacetTable): Router {
  const router = Router();
  router.get('/v1/codes/:code', (request, response) => {
    const { taxonomy } = slot.take();
    const { code } = request.params;
    const answer: CodeResponse = {
      taxonomy: presentTaxonomy(taxonomy),
      ...(taxonomy.scheme === 'db44' ? describeCode(taxonomy, facets, code) : describeName(taxonomy, code)),
    };
    response.json(answer);
  });
  return router;
}

type CodeDescription = Omit<CodeResponse, 'taxonomy'>;

function describeCode(taxonomy: Taxonomy, facets: FacetTable, text: string): CodeDescription {
  const parsed = parseCombinedCode(facets, text);
  if (!parsed.ok) {
    throw new Problem(422, 'code-malformed', 'this is not a code, see errors', {
      errors: parsed.faults.map(({ fault, position }) => ({
        pointer: 'code',
        code: fault,
        detail: `at character ${position + 1}: ${details[fault]}`,
      })),
    });
  }
  const explained = explainCode(parsed.item, taxonomy);
  // `0106` is the level-2 item, `010600` its undivided row; padded, the code stands for both.
  const typed = taxonomy.byCode(parsed.typed);
  const items = typed.length > 0 ? typed : explained.items;
  if (items.length === 0) throw unknown();
  const explain = (language: Language, between: string) =>
    [
      explainCode(parsed.item, taxonomy, language).text,
      ...parsed.extensions.map(
        (one) => `${one.facet.name}${between}${one.value.name} (${extensionCode(one)})`,
      ),
    ].join('\n');
  return {
    code: explained.code,
    short: explained.short,
    level: explained.level,
    catchAll: explained.isCatchAll,
    items: items.map((item) => presentItem(taxonomy, item)),
    extensions: parsed.extensions.map(presentExtension),
    explanation: { zh: explain('zh', '：'), en: explain('en', ': ') },
  };
}

/** In a tree whose codes are names there is nothing to take apart. */
function describeName(taxonomy: Taxonomy, text: string): CodeDescription {
  const items = itemsOfCode(taxonomy, text);
  const [first] = items;
  if (!first) throw unknown();
  const explain = (language: Language) =>
    items.map((item: Item) => explainItem(taxonomy, item, language)).join('\n');
  return {
    code: first.fullCode,
    short: first.code,
    level: first.level,
    catchAll: first.isCatchAll,
    items: items.map((item) => presentItem(taxonomy, item)),
    extensions: [],
    explanation: { zh: explain('zh'), en: explain('en') },
  };
}

const unknown = () => new Problem(404, 'code-unknown', 'no item of the taxonomy has this code');

const presentExtension = (one: Extension) => ({
  facet: one.facet.id,
  name: one.facet.name,
  code: extensionCode(one),
  value: one.value.name,
});

const details: Readonly<Record<CombinedFault['fault'], string>> = {
  'code-empty': 'there is no code',
  'code-character': 'neither a digit nor a letter that codes use',
  'code-width': 'every level has two digits; was a leading zero lost?',
  'code-too-long': 'longer than a base code of ten digits; what a city adds follows a Z',
  'code-gap': 'a level is filled beneath one that is 00',
  'code-level-one': 'level 1 cannot be 00',
  'city-base-width': 'ten digits must stand before Z',
  'city-empty': 'nothing follows Z',
  'city-width': 'an incomplete group behind Z',
  'city-too-long': 'too many groups behind Z',
  'city-zero': 'a group behind Z cannot be all zeros',
  'facet-unknown': 'no facet has this letter',
  'facet-value-unknown': 'the facet has no value of this code',
  'facet-repeated': 'the facet occurs twice',
  'facet-incomplete': 'the extension code is incomplete',
};
