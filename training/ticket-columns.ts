/** Training and relabelling recognise the same columns: the rules live with the tables. */
export { guessColumns, type TicketColumns } from '../src/table/ticket-columns.js';
