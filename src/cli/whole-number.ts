/** Options that take a whole number. */
import { InvalidArgumentError } from 'commander';

/** A parser for commander; what it refuses is reported with the range. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`应为 ${least}–${most} 的整数`);
  };
}
