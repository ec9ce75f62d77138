/**
 * What similar tickets are found by: the direction of the network's bag of embeddings in 128 bytes. Tickets of the
 * same item lie near each other there, because the network learnt to tell items apart by it; another training has
 * other directions. It is no text, but it does say roughly what a text is about.
 */

/** Numbers in a fingerprint, whatever the network's dimensions. */
export const fingerprintLength = 128;
/** Words of 32 bits that hold its signs. */
export const signWords = fingerprintLength / 32;

/** `fingerprintLength` numbers, the largest of them ±127. */
export type Fingerprint = Int8Array;

/** @returns null where the bag is empty: nothing is similar to nothing */
export function fingerprintOf(bag: Float32Array | Float64Array): Fingerprint | null {
  const folded = bag.length > fingerprintLength ? fold(bag) : bag;
  let largest = 0;
  for (let at = 0; at < folded.length; at += 1) largest = Math.max(largest, Math.abs(folded[at]!));
  if (!(largest > 0)) return null;
  const fingerprint = new Int8Array(fingerprintLength);
  for (let at = 0; at < folded.length; at += 1) fingerprint[at] = Math.round((folded[at]! / largest) * 127);
  return fingerprint;
}

/** Wider bags keep their angles roughly when their parts are added up (a count sketch; Charikar et al., 2002). */
function fold(bag: Float32Array | Float64Array): Float64Array {
  const folded = new Float64Array(fingerprintLength);
  for (let at = 0; at < bag.length; at += 1) {
    const turn = Math.floor(at / fingerprintLength) % 2 === 0 ? 1 : -1;
    folded[at % fingerprintLength]! += turn * bag[at]!;
  }
  return folded;
}

/** Writes the signs as bits: how many differ tells roughly how far two fingerprints point apart (SimHash). */
export function signsOf(fingerprint: Fingerprint, signs: Uint32Array, from = 0): void {
  for (let word = 0; word < signWords; word += 1) {
    let bits = 0;
    for (let at = 0; at < 32; at += 1) if (fingerprint[word * 32 + at]! > 0) bits |= 1 << at;
    signs[from + word] = bits;
  }
}
