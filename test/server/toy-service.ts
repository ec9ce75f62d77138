/** The toy model behind the seam that the server knows. */
import { CorrectionMemory } from '../../src/suggest/correction-memory.js';
import { InlineService } from '../../src/suggest/inline-service.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import { toyAnswerer, toyTaxonomy } from '../toy-answerer.js';

export { toyTaxonomy } from '../toy-answerer.js';

export function toyService(taxonomy: Taxonomy = toyTaxonomy()): SuggestService {
  return new InlineService(toyAnswerer(taxonomy));
}

/** One that looks into a memory of what agents chose lately. */
export function adjustingService(version = '1', corrections = new CorrectionMemory(200)): InlineService {
  const model = { id: 'toy', version, trainedAt: '2026-01-01T00:00:00.000Z' };
  return new InlineService(toyAnswerer(toyTaxonomy(), model, corrections), corrections);
}
