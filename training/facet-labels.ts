/** What the training tickets say of one facet. */
export interface FacetLabels {
  /** The facet's id. */
  readonly facet: string;
  /** Values of the facet's table. */
  readonly size: number;
  /** Shared; one per ticket: the value's number in the table, −1 where it is not known. */
  readonly values: Int16Array;
}
