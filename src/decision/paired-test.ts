/**
 * Two models on the same tickets, told apart by the tickets that only one of them is right about: exact McNemar test
 * (McNemar, Psychometrika 12, 1947; exact by the binomial, Dietterich, Neural Computation 10, 1998).
 */

export interface PairedTest {
  /** Two-sided: how often equals would differ this much. */
  readonly p: number;
  /** One-sided: how often an equal candidate would look this bad. */
  readonly pWorse: number;
}

/** @param onlyCandidate, onlyCurrent whole numbers of 0 or more: tickets that only this one is right about */
export function pairedTest(onlyCandidate: number, onlyCurrent: number): PairedTest {
  const discordant = onlyCandidate + onlyCurrent;
  return {
    p: Math.min(1, 2 * binomialTail(discordant, Math.max(onlyCandidate, onlyCurrent))),
    pWorse: binomialTail(discordant, onlyCurrent),
  };
}

/** P(X ≥ `least`) of a fair coin thrown `throws` times. */
export function binomialTail(throws: number, least: number): number {
  if (least <= 0) return 1;
  // ln C(n, k) − n ln 2, from k = n downwards: the terms are small where they are many.
  let logTerm = -throws * Math.LN2;
  let sum = 0;
  for (let hits = throws; hits >= least; hits -= 1) {
    sum += Math.exp(logTerm);
    logTerm += Math.log(hits) - Math.log(throws - hits + 1);
  }
  return Math.min(1, sum);
}
