/** Likely mislabelled tickets as training and evaluation hand them on: a file for people, and a list for the review queue. */
import type { Taxonomy } from '../src/taxonomy/taxonomy.js';
import { findSuspects, type Suspect, type SuspectSearch } from './confident-learning.js';
import type { JudgedTicket } from './evaluation/judged-ticket.js';
import { type SuspectTicket, suspectsCsv } from './suspects-csv.js';

export interface RankedSuspect {
  /** Its own number; null where its file has none and nobody could find it again. */
  readonly ticket: string | null;
  /** Item ids. */
  readonly given: string;
  readonly suggested: string;
  readonly givenProbability: number;
  readonly suggestedProbability: number;
}

export interface SuspectReport extends Omit<SuspectSearch, 'suspects'> {
  readonly count: number;
  readonly csv: string;
  /** The likeliest error first, as in the file. */
  readonly ranked: readonly RankedSuspect[];
}

/** @param tickets in the order in which they were judged */
export function reportSuspects(
  taxonomy: Taxonomy,
  judged: readonly JudgedTicket[],
  tickets: readonly SuspectTicket[],
): SuspectReport {
  const { suspects, ...found } = findSuspects(taxonomy, judged);
  return {
    ...found,
    count: suspects.length,
    csv: suspectsCsv(taxonomy, suspects, tickets),
    ranked: suspects.map((one) => rank(taxonomy, one, tickets[one.ticket]!)),
  };
}

function rank(taxonomy: Taxonomy, suspect: Suspect, { ticket, source }: SuspectTicket): RankedSuspect {
  const { given, suggested, givenProbability, suggestedProbability } = suspect;
  return {
    // What reading makes of a row without a number: its place in the file.
    ticket: ticket.id === `${source.file}:${source.row}` ? null : ticket.id,
    given: taxonomy.at(given).id,
    suggested: taxonomy.at(suggested).id,
    givenProbability,
    suggestedProbability,
  };
}
