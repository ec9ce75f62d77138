/**
 * Which encoding a text file is in. Hotlines export UTF-8 with and without BOM, and GB18030 (Excel's
 * “CSV” on a Chinese Windows). A file that is valid UTF-8 throughout is UTF-8; the chance that GB18030
 * text of any length is valid UTF-8 by accident is negligible.
 */
import { isUtf8 } from 'node:buffer';
import { createReadStream } from 'node:fs';
import { DuihaoError } from '../errors.js';

export type Encoding = 'utf-8' | 'gb18030' | 'utf-16le' | 'utf-16be';

export const ENCODINGS: readonly Encoding[] = ['utf-8', 'gb18030', 'utf-16le', 'utf-16be'];

/** Takes what people write: `GBK`, `gb2312`, `utf8`, `UTF-8-BOM`. @throws DuihaoError `encoding-unknown` */
export function parseEncoding(name: string): Encoding {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (plain === 'utf8' || plain === 'utf8bom' || plain === 'utf8sig') return 'utf-8';
  if (plain === 'gb18030' || plain === 'gbk' || plain === 'gb2312' || plain === 'cp936') return 'gb18030';
  if (plain === 'utf16le' || plain === 'utf16') return 'utf-16le';
  if (plain === 'utf16be') return 'utf-16be';
  throw new DuihaoError(
    'invalid-input',
    'encoding-unknown',
    `unknown encoding ${name}; use one of ${ENCODINGS.join(', ')}`,
  );
}

/** Reads the whole file once, in chunks. */
export async function detectEncoding(path: string): Promise<Encoding> {
  let rest: Buffer = Buffer.alloc(0);
  let first = true;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    if (first) {
      first = false;
      if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
      if (chunk[0] === 0xfe && chunk[1] === 0xff) return 'utf-16be';
    }
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const whole = bytes.length - cutCharacterLength(bytes);
    if (!isUtf8(bytes.subarray(0, whole))) return 'gb18030';
    rest = Buffer.from(bytes.subarray(whole));
  }
  return rest.length > 0 ? 'gb18030' : 'utf-8';
}

/** Bytes of an unfinished UTF-8 character at the end of a chunk, 0–3. */
function cutCharacterLength(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back]!;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return needed > back ? back : 0;
    }
  }
  return 0;
}
