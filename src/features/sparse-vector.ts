/** A ticket's features: `values[i]` is the weight of feature `indices[i]`; indices are unique, in no order. */
export interface SparseVector {
  readonly indices: Uint32Array;
  readonly values: Float32Array;
}
