/** What is asked of a loaded model to evaluate it: whole distributions, not candidates. */
import type { ConformalCalibration } from '../../src/decision/conformal.js';
import type { Policy } from '../../src/decision/policy.js';
import type { ModelIdentity } from '../../src/suggest/suggest-service.js';
import type { Taxonomy } from '../../src/taxonomy/taxonomy.js';
import type { Ticket } from '../../src/text/ticket.js';

export interface Judge {
  readonly taxonomy: Taxonomy;
  readonly model: ModelIdentity;
  readonly policy: Policy;
  /** Thresholds that came with the model; none in models that have none. */
  readonly conformal: readonly ConformalCalibration[];
  /** Calibrated, one value per leaf, summing to 1; tickets with nothing to read get what the model makes of them. */
  distributions(tickets: readonly Ticket[]): Float64Array[];
  /** The words of title and text as the model's own segmenter cuts them. */
  words(ticket: Ticket): string[];
}
