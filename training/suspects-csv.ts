/** Likely mislabelled tickets as a file for whoever reviews them: where each stands and what it should perhaps be; no texts. */
import { stringify } from 'csv-stringify/sync';
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import type { Suspect } from './confident-learning.js';
import type { LabelledTicket } from './labelled-ticket.js';

/** What a suspect's row tells of its ticket: never its text. */
export type SuspectTicket = Pick<LabelledTicket, 'source'> & { readonly ticket: { readonly id: string } };

export const SUSPECT_COLUMNS = [
  'rank',
  'id',
  'file',
  'row',
  'given_item',
  'given_code',
  'given_name',
  'given_probability',
  'suggested_item',
  'suggested_code',
  'suggested_name',
  'suggested_probability',
  'level',
  'differs_at_level',
] as const;

/** @param tickets in the order in which they were judged */
export function suspectsCsv(
  taxonomy: Taxonomy,
  suspects: readonly Suspect[],
  tickets: readonly SuspectTicket[],
): string {
  const rows = suspects.map(
    ({ ticket: number, given, suggested, givenProbability, suggestedProbability, ...rest }, at) => {
      const { ticket, source } = tickets[number]!;
      const [was, should] = [taxonomy.at(given), taxonomy.at(suggested)];
      return [
        String(at + 1),
        ticket.id,
        source.file,
        String(source.row),
        was.id,
        was.code,
        was.displayName,
        givenProbability.toFixed(6),
        should.id,
        should.code,
        should.displayName,
        suggestedProbability.toFixed(6),
        String(rest.level),
        String(rest.differsAt),
      ];
    },
  );
  return stringify([[...SUSPECT_COLUMNS], ...rows], { bom: true });
}
