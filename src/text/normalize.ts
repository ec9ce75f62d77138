/**
 * Text as the model sees it: NFKC, lower case, white space and control characters as blanks — unit by unit, so
 * that every offset into the normalised text is an offset into the text as it was given.
 */

/** What white space and control characters become. */
export const BLANK = 0x20;

/** What each UTF-16 unit becomes. Characters whose normal form is longer (㎡, ½) stay as they are. */
const FORM = buildForms();

function buildForms(): Uint16Array {
  const forms = new Uint16Array(0x10000);
  for (let unit = 0; unit < forms.length; unit += 1) {
    if (unit >= 0xd800 && unit <= 0xdfff) {
      forms[unit] = unit;
      continue;
    }
    const character = String.fromCharCode(unit);
    if (unit < BLANK || /[\s\p{Cc}\p{Cf}]/u.test(character)) {
      forms[unit] = BLANK;
      continue;
    }
    const form = character.normalize('NFKC').toLowerCase();
    forms[unit] = form.length === 1 ? form.charCodeAt(0) : unit;
  }
  return forms;
}

/** @returns as many UTF-16 units as were given */
export function normalize(text: string): string {
  let at = 0;
  while (at < text.length && FORM[text.charCodeAt(at)] === text.charCodeAt(at)) at += 1;
  if (at === text.length) return text;
  const units = new Uint16Array(text.length);
  for (let unit = 0; unit < text.length; unit += 1) units[unit] = FORM[text.charCodeAt(unit)]!;
  // Copied as they are: a surrogate without its partner stays one.
  return Buffer.from(units.buffer).toString('utf16le');
}

/** Does the unit belong to a word or a number? Punctuation, symbols and blanks part what stands beside them. */
export function isWordUnit(unit: number): boolean {
  return WORD[unit] === 1;
}

const WORD = buildWordUnits();

function buildWordUnits(): Uint8Array {
  const word = new Uint8Array(0x10000);
  for (let unit = 0; unit < word.length; unit += 1) {
    const surrogate = unit >= 0xd800 && unit <= 0xdfff;
    // Surrogates are parts of rare characters (𠮷) more often than of pictures.
    word[unit] = surrogate || /[\p{L}\p{N}\p{M}]/u.test(String.fromCharCode(unit)) ? 1 : 0;
  }
  return word;
}
