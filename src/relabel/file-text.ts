/**
 * A text file's content in *units* that can be cut, joined and written back without changing a byte.
 *
 * Where quotes, delimiters and line ends cannot occur inside a character (UTF-8; GB18030 with an ASCII
 * delimiter below `0`) a unit is a byte, held as latin1, and only the cells that are read are decoded: what is
 * copied through comes out byte for byte, valid or not. Elsewhere (UTF-16) a unit is a UTF-16 code unit.
 */
import { createReadStream } from 'node:fs';
import iconv from 'iconv-lite';
import type { Encoding } from '../table/encoding.js';

export class FileText {
  readonly encoding: Encoding;
  readonly #bytes: boolean;

  /** @param delimiter as text; matters where it could be half of a character */
  constructor(encoding: Encoding, delimiter = ',') {
    this.encoding = encoding;
    this.#bytes =
      encoding === 'utf-8' ||
      (encoding === 'gb18030' && delimiter.length === 1 && delimiter.charCodeAt(0) < 0x40);
  }

  /** Units → what they say. */
  decode(units: string): string {
    if (!this.#bytes) return units;
    const bytes = Buffer.from(units, 'latin1');
    return this.encoding === 'utf-8' ? bytes.toString('utf8') : new TextDecoder('gb18030').decode(bytes);
  }

  /** Text → units. What the encoding cannot say becomes `?`. */
  encode(text: string): string {
    if (!this.#bytes) return text;
    const bytes = this.encoding === 'utf-8' ? Buffer.from(text, 'utf8') : iconv.encode(text, 'gb18030');
    return bytes.toString('latin1');
  }

  toBytes(units: string): Buffer {
    if (this.#bytes) return Buffer.from(units, 'latin1');
    return iconv.encode(units, this.encoding === 'utf-16le' ? 'utf16-le' : this.encoding, { addBOM: false });
  }

  /** The byte order mark as units; a file that starts with it keeps it. */
  get bom(): string {
    return this.encode('\uFEFF');
  }

  /** The file in pieces; a BOM is left in. */
  async *read(path: string, count: (bytes: number) => void = () => undefined): AsyncGenerator<string> {
    const decoder = this.#bytes ? null : new TextDecoder(this.encoding, { ignoreBOM: true });
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
      count(chunk.length);
      yield decoder ? decoder.decode(chunk, { stream: true }) : chunk.toString('latin1');
    }
    if (decoder) yield decoder.decode();
  }
}
