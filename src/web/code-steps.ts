/** A path as steps: what each level adds to the code, with the name it adds. */
import type { ItemRefBody } from '../server/schemas.js';

export interface CodeStep {
  readonly item: string;
  /** `02` of `080102`, `Z01` of `0801020102Z01`; the whole code where the parent's is not its beginning. */
  readonly part: string;
  readonly name: string;
}

export function codeSteps(path: readonly ItemRefBody[]): CodeStep[] {
  return path.map(({ item, short, name }, index) => {
    const above = path[index - 1]?.short ?? '';
    return { item, part: short.startsWith(above) ? short.slice(above.length) || short : short, name };
  });
}

/** `08 01 02`: pairs are easier to read aloud and to compare than six digits in a row. */
export function spacedCode(code: string): string {
  return /^\d+(Z\d+)?$/.test(code) ? (code.match(/Z|\d{1,2}/g) ?? []).join(' ').replace('Z ', 'Z') : code;
}

/**
 * The decision's combined code with another item's code in its place: the facets are the ticket's, whatever
 * item is chosen. null where it does not begin with the decision's code.
 */
export function recombine(
  combined: string | undefined,
  decided: string | null,
  chosen: string,
): string | null {
  if (combined === undefined || decided === null || !combined.startsWith(decided)) return null;
  return chosen + combined.slice(decided.length);
}
