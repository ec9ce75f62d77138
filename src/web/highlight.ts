/** Evidence → stretches of the text to mark. Offsets are UTF-16, may overlap, and are not to be trusted. */

export interface Span {
  readonly start: number;
  readonly end: number;
  /** In [0, 1]. */
  readonly weight: number;
}

export interface Segment {
  readonly text: string;
  /** 0: plain; 1–3: marked, faintly to strongly. */
  readonly strength: 0 | 1 | 2 | 3;
}

/**
 * Cuts the text into plain and marked stretches; joined, they give the text back. Where spans overlap the
 * heavier one shows, and a span that cuts a surrogate pair takes the whole character.
 */
export function splitMarks(text: string, spans: readonly Span[]): Segment[] {
  const heaviest = Math.max(0, ...spans.map(({ weight }) => (Number.isFinite(weight) ? weight : 0)));
  const strengths = new Uint8Array(text.length);
  for (const { start, end, weight } of spans) {
    if (!(weight > 0)) continue;
    const strength = strengthOf(weight / heaviest);
    const [from, to] = wholeCharacters(text, start, end);
    for (let at = from; at < to; at++) strengths[at] = Math.max(strengths[at]!, strength);
  }
  const segments: Segment[] = [];
  let from = 0;
  for (let at = 1; at <= text.length; at++) {
    if (at < text.length && strengths[at] === strengths[from]) continue;
    segments.push({ text: text.slice(from, at), strength: strengths[from] as Segment['strength'] });
    from = at;
  }
  return segments;
}

/**
 * The marked words once each, heaviest first, with the sum of their weights. Overlapping spans (n-grams of
 * one phrase) are one word.
 */
export function evidenceWords(
  fields: readonly { readonly text: string; readonly spans: readonly Span[] }[],
): { readonly word: string; readonly weight: number }[] {
  const weights = new Map<string, number>();
  for (const { text, spans } of fields) {
    for (const { start, end, weight } of mergeOverlaps(text, spans)) {
      const word = text.slice(start, end).trim();
      if (word !== '') weights.set(word, (weights.get(word) ?? 0) + weight);
    }
  }
  return [...weights].map(([word, weight]) => ({ word, weight })).sort((a, b) => b.weight - a.weight);
}

function mergeOverlaps(text: string, spans: readonly Span[]): Span[] {
  const whole = spans
    .filter(({ weight }) => weight > 0)
    .map(({ start, end, weight }) => {
      const [from, to] = wholeCharacters(text, start, end);
      return { start: from, end: to, weight };
    })
    .sort((a, b) => a.start - b.start || a.end - b.end);
  const merged: { start: number; end: number; weight: number }[] = [];
  for (const span of whole) {
    const before = merged.at(-1);
    if (before && span.start < before.end) {
      before.end = Math.max(before.end, span.end);
      before.weight += span.weight;
    } else merged.push({ ...span });
  }
  return merged;
}

/** Relative to the heaviest span: weights are shares of the whole and get small when there are many. */
function strengthOf(relative: number): 1 | 2 | 3 {
  if (relative >= 0.66) return 3;
  return relative >= 0.33 ? 2 : 1;
}

function wholeCharacters(text: string, start: number, end: number): [from: number, to: number] {
  let from = clamp(Math.floor(start), text.length);
  let to = clamp(Math.ceil(end), text.length);
  if (to <= from) return [from, from];
  if (cutsPair(text, from)) from -= 1;
  if (cutsPair(text, to)) to += 1;
  return [from, to];
}

function clamp(offset: number, length: number): number {
  return Number.isNaN(offset) ? 0 : Math.min(Math.max(offset, 0), length);
}

function cutsPair(text: string, at: number): boolean {
  return isSurrogate(text, at - 1, 0xd800) && isSurrogate(text, at, 0xdc00);
}

function isSurrogate(text: string, at: number, first: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= first && unit < first + 0x400;
}
