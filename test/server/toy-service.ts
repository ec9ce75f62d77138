/** The toy model behind the seam that the server knows. */
import { InlineService } from '../../src/suggest/inline-service.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { toyAnswerer, toyTaxonomy } from '../toy-answerer.js';

export { toyTaxonomy } from '../toy-answerer.js';

export function toyService(taxonomy: Taxonomy = toyTaxonomy()): SuggestService {
  return new InlineService(toyAnswerer(taxonomy));
}
