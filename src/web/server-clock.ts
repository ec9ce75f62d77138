/** The server's time: claims end by its clock, and the agent's may be minutes off. */

/** Milliseconds that the server is ahead of this computer: between these two, as far as is known. */
let least = Number.NEGATIVE_INFINITY;
let most = Number.POSITIVE_INFINITY;

/** @param date the header of an answer that has just come, to the second */
export function learnServerTime(date: string | null, now: number = Date.now()): void {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(told)) return;
  // The header leaves out the part of the second; every answer narrows down what it may have been.
  least = Math.max(least, told - now);
  most = Math.min(most, told + 1000 - now);
  // One of the clocks was set, or the answer took long: only the newest counts.
  if (least > most) [least, most] = [told - now, told + 1000 - now];
}

export function serverNow(now: number = Date.now()): number {
  return now + (Number.isFinite(least) ? (least + most) / 2 : 0);
}
