/**
 * How much each feature may weigh for one item: the square of its log-odds ratio, that is of how many times likelier a
 * ticket of the item has it than a ticket of another item (naive Bayes as the prior of a discriminative classifier: Wang &
 * Manning, ACL 2012). A weight that may be large costs the classifier little; one of a feature that all items have alike
 * costs it much. Nothing of this is left when an answer is asked for: the weights alone are kept.
 */
import { squaredLength, type TicketMatrix } from './ticket-matrix.js';

/** Tickets of all items alike that every feature is thought to have had, besides those it has. */
const PRIOR = 1;
/** Rows of each side that tell how long a row is on average. */
const SAMPLE = 3_000;

/** Scratch of one thread, used for item after item. */
export class ItemPrior {
  readonly #matrix: TicketMatrix;
  readonly #rowWeights: Float32Array;
  /** What the labelled rows that have each feature count together, its logarithm with the prior's, and that of all rows. */
  readonly #having: Float64Array;
  readonly #logHaving: Float32Array;
  #total = 0;
  readonly #own: Float64Array;
  readonly #leave: Float32Array;

  /** @param labelled 1 for each row that may take part in an item's fit, else 0 */
  constructor(matrix: TicketMatrix, rowWeights: Float32Array, labelled: Uint8Array) {
    this.#matrix = matrix;
    this.#rowWeights = rowWeights;
    this.#having = new Float64Array(matrix.columns);
    this.#own = new Float64Array(matrix.columns);
    this.#leave = new Float32Array(matrix.columns);
    for (let row = 0; row < matrix.rows; row += 1) {
      if (labelled[row] === 1) this.#total += this.#count(row, this.#having);
    }
    this.#logHaving = Float32Array.from(this.#having, (having) => Math.log(having + PRIOR));
  }

  /**
   * @param rows those that take part
   * @param signs 1 or −1 for each row of the matrix
   * @returns one factor of 0 or more per column, valid until the next call. By the factors, a row's squared length is 1 in the
   *   geometric middle of the item's rows and the others, so that a cost means the same for every item
   */
  of(rows: Uint32Array, signs: Int8Array): Float32Array {
    const [own, having, logHaving, leave] = [this.#own, this.#having, this.#logHaving, this.#leave];
    own.fill(0);
    let ofItem = 0;
    for (const row of rows) if (signs[row]! > 0) ofItem += this.#count(row, own);
    const ofOthers = this.#total - ofItem;
    // Nothing to tell the item from.
    if (!(ofItem > 0 && ofOthers > 0)) return leave.fill(1);
    const odds = Math.log(ofOthers / ofItem);
    const unseen = Math.log((PRIOR * ofItem) / this.#total) + odds;
    for (let feature = 0; feature < leave.length; feature += 1) {
      const seen = own[feature]!;
      // Most features were never seen with the item: theirs is one subtraction.
      const ratio =
        seen === 0
          ? unseen - logHaving[feature]!
          : Math.log(
              (seen + (PRIOR * ofItem) / this.#total) / (Math.max(0, having[feature]! - seen) + PRIOR),
            ) + odds;
      leave[feature] = ratio * ratio;
    }
    const middle = Math.sqrt(this.#meanSquare(rows, signs, 1) * this.#meanSquare(rows, signs, -1));
    // Tickets without a single known feature have no length.
    if (!(middle > 0)) return leave.fill(1);
    const scale = 1 / middle;
    for (let feature = 0; feature < leave.length; feature += 1) leave[feature]! *= scale;
    return leave;
  }

  /** @returns what the row counts */
  #count(row: number, into: Float64Array): number {
    const { starts, features } = this.#matrix;
    const weight = this.#rowWeights[row]!;
    for (let at = starts[row]!; at < starts[row + 1]!; at += 1) into[features[at]!]! += weight;
    return weight;
  }

  /** Mean squared length of the rows of one sign, of a sample spread evenly over them. */
  #meanSquare(rows: Uint32Array, signs: Int8Array, sign: number): number {
    const { starts, features, values } = this.#matrix;
    let sized = 0;
    for (const row of rows) if (signs[row] === sign) sized += 1;
    const step = Math.max(1, Math.floor(sized / SAMPLE));
    let nth = 0;
    let met = 0;
    let sum = 0;
    for (const row of rows) {
      if (signs[row] !== sign) continue;
      if (nth % step === 0) {
        sum += squaredLength(this.#leave, features, values, starts[row]!, starts[row + 1]!);
        met += 1;
      }
      nth += 1;
    }
    return met === 0 ? 0 : sum / met;
  }
}
