/** A ticket (工单) as the product sees it. */
export interface Ticket {
  readonly id: string;
  readonly title?: string;
  readonly text: string;
}
