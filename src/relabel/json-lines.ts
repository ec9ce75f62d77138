/** JSON lines that keep their text: members are added before the closing brace and taken off again. */
import { MAX_RECORD } from '../table/csv-records.js';

export interface JsonLine {
  readonly raw: string;
  readonly lineEnd: string;
  /** From 1. */
  readonly line: number;
  /** A piece of a line that does not end. */
  readonly cut: boolean;
}

export async function* jsonLines(
  pieces: AsyncIterable<string>,
  maxLine: number = MAX_RECORD,
): AsyncGenerator<JsonLine> {
  let text = '';
  let line = 1;
  for await (const piece of pieces) {
    text += piece;
    let at = 0;
    for (let feed = text.indexOf('\n'); feed >= 0; feed = text.indexOf('\n', at)) {
      const end = feed > at && text[feed - 1] === '\r' ? feed - 1 : feed;
      yield { raw: text.slice(at, end), lineEnd: text.slice(end, feed + 1), line, cut: false };
      line += 1;
      at = feed + 1;
    }
    for (; text.length - at > maxLine; at += maxLine)
      yield { raw: text.slice(at, at + maxLine), lineEnd: '', line, cut: true };
    text = text.slice(at);
  }
  if (text !== '') yield { raw: text, lineEnd: '', line, cut: false };
}

/** @param members `"code":"…","name":"…"`; @param raw an object's text */
export function addMembers(raw: string, members: string, isEmpty: boolean): string {
  const close = raw.lastIndexOf('}');
  return `${raw.slice(0, close)}${isEmpty ? '' : ','}${members}${raw.slice(close)}`;
}

/**
 * The text before `addMembers`, or null where no member of that name was added. Inside a JSON string every
 * quote follows a backslash, so the last `"name":` at top level is the one that was added.
 * @param first name of the first added member, as it stands in JSON: `"code"`
 */
export function removeMembers(raw: string, first: string): string | null {
  const at = raw.lastIndexOf(`${first}:`);
  const close = raw.lastIndexOf('}');
  if (at < 0 || close < at) return null;
  const start = raw[at - 1] === ',' ? at - 1 : at;
  return raw.slice(0, start) + raw.slice(close);
}
