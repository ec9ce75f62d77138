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
