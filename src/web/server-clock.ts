/** The server's time: claims end by its clock, and the agent's may be minutes off. */

/** Milliseconds that the server is ahead of this computer. */
let ahead = 0;

/** @param date the header of an answer that has just come, to the second */
export function learnServerTime(date: string | null, now: number = Date.now()): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  // The header leaves out the part of the second; its middle is the best guess.
  if (!Number.isNaN(told)) ahead = told + 500 - now;
}

export function serverNow(now: number = Date.now()): number {
  return now + ahead;
}
