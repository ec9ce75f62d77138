/**
 * The linear part's rows and the features' weights as they lie in the file, half as large as in memory and the same
 * to the bit: lengths of rows instead of their beginnings, steps from output to output in a byte, and equal weights of
 * neighbouring features once (features come by frequency, and of one frequency all have one weight).
 */
import { DuihaoError } from '../errors.js';

export interface PackedRows {
  /** Entries of each row. */
  readonly lengths: Uint16Array;
  /** From the output before (−1 at a row's beginning) to the next one, less 1; each `FAR` adds as many and goes on. */
  readonly steps: Uint8Array;
}

const FAR = 255;

export function packRows(starts: Uint32Array, outputs: Uint16Array): PackedRows {
  const rows = starts.length - 1;
  const lengths = new Uint16Array(rows);
  const size = (put: (step: number) => void) => {
    for (let row = 0; row < rows; row += 1) {
      let before = -1;
      for (let at = starts[row]!; at < starts[row + 1]!; at += 1) {
        let step = outputs[at]! - before - 1;
        while (step >= FAR) {
          put(FAR);
          step -= FAR;
        }
        put(step);
        before = outputs[at]!;
      }
    }
  };
  for (let row = 0; row < rows; row += 1) lengths[row] = starts[row + 1]! - starts[row]!;
  let bytes = 0;
  size(() => {
    bytes += 1;
  });
  const steps = new Uint8Array(bytes);
  let at = 0;
  size((step) => {
    steps[at] = step;
    at += 1;
  });
  return { lengths, steps };
}

/**
 * @param features rows there must be
 * @param width outputs there are: none lies beyond
 * @param entries weights there are
 * @throws DuihaoError `model-damaged`
 */
export function unpackRows(
  { lengths, steps }: PackedRows,
  features: number,
  width: number,
  entries: number,
): { starts: Uint32Array; outputs: Uint16Array } {
  const starts = new Uint32Array(lengths.length + 1);
  for (let row = 0; row < lengths.length; row += 1) starts[row + 1] = starts[row]! + lengths[row]!;
  if (lengths.length !== features || starts[features] !== entries) throw damaged();
  const outputs = new Uint16Array(entries);
  let from = 0;
  for (let row = 0; row < lengths.length; row += 1) {
    let output = -1;
    for (let at = starts[row]!; at < starts[row + 1]!; at += 1) {
      output += 1;
      while (steps[from] === FAR) {
        output += FAR;
        from += 1;
      }
      if (from >= steps.length) throw damaged();
      output += steps[from]!;
      from += 1;
      if (output >= width) throw damaged();
      outputs[at] = output;
    }
  }
  if (from !== steps.length) throw damaged();
  return { starts, outputs };
}

function damaged(): DuihaoError {
  return new DuihaoError(
    'corrupt',
    'model-damaged',
    'weights.bin: its rows contradict each other; copy the model again, or train it again with this version',
  );
}
