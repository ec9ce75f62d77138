/** Which features a ticket has. Stored with the model: training and serving must agree. */
import { DuihaoError } from '../errors.js';

export interface FeatureOptions {
  /** Character n-grams of 1 … this many characters. */
  readonly charGrams: number;
  /**
   * Punctuation and blanks count as characters, and what a field begins and ends with is a feature: “怎么办？” asks, a
   * headline names its subject first. Without, n-grams stay within words and numbers.
   */
  readonly marks: boolean;
  readonly words: boolean;
  readonly wordPairs: boolean;
  /** How often a feature of the title counts, that of the text counting once. */
  readonly titleWeight: number;
  /** Features of the title also as features of their own: what stands there is what the ticket is about. */
  readonly titleFeatures: boolean;
  /** UTF-16 units of text that are read. */
  readonly maxCharacters: number;
}

export const DEFAULT_FEATURES: FeatureOptions = {
  charGrams: 2,
  marks: true,
  words: true,
  wordPairs: false,
  titleWeight: 2,
  titleFeatures: true,
  maxCharacters: 20_000,
};

/** @throws DuihaoError `features-invalid` */
export function validateFeatures(options: FeatureOptions): FeatureOptions {
  const { charGrams, titleWeight, maxCharacters } = options;
  const fine =
    Number.isInteger(charGrams) &&
    charGrams >= 0 &&
    charGrams <= 6 &&
    titleWeight > 0 &&
    titleWeight <= 10 &&
    Number.isInteger(maxCharacters) &&
    maxCharacters > 0 &&
    (charGrams > 0 || options.words);
  if (!fine)
    throw new DuihaoError('invalid-input', 'features-invalid', 'feature options out of range', { options });
  return options;
}
