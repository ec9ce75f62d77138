/** A ticket (工单) as the product sees it. */
export interface Ticket {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
  /** Facets (扩展码) the intake system already knows: facet id → value code. Kept, never overwritten. */
  readonly facets?: Readonly<Record<string, string>>;
}
