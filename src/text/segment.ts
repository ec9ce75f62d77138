/**
 * Chinese word segmentation behind one seam: @node-rs/jieba (jieba-rs, a prebuilt binary) or nodejieba (cppjieba),
 * which cut 99.8 % alike with dictionaries of one format. A model names the one it was trained with and is served
 * with; where that one cannot be loaded the other cuts, so that a difference is seen, not guessed.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { DuihaoError } from '../errors.js';
import { log } from '../log.js';
import { releaseNodejieba } from './release-nodejieba.js';

export type SegmenterName = 'nodejieba' | 'node-rs-jieba';

export interface Segmenter {
  readonly name: SegmenterName;
  /** SHA-256 (hex) of the dictionary. */
  readonly dictionaryDigest: string;
  /** The words in order; joined they give the text again. */
  segment(text: string): readonly string[];
  /** Frees what the end of its thread would not. Called once, when nothing will be cut in this thread any more. */
  close?(): void;
}

/**
 * What models are trained with unless told otherwise. Measured on citizens' messages: as often right, 95 µs a message
 * against nodejieba's 165, 53 MB against 242, ready in 0.3 s against 1.9 (docs/benchmarks.md).
 */
export const DEFAULT_SEGMENTER: SegmenterName = 'node-rs-jieba';

const require = createRequire(import.meta.url);

/**
 * @param wanted a model's own segmenter; where it cannot be loaded the other one is taken, with a line in the log
 * @throws DuihaoError `segmenter-missing` where neither can be loaded
 */
export async function openSegmenter(wanted: SegmenterName = DEFAULT_SEGMENTER): Promise<Segmenter> {
  const order: readonly SegmenterName[] =
    wanted === 'nodejieba' ? ['nodejieba', 'node-rs-jieba'] : ['node-rs-jieba', 'nodejieba'];
  for (const name of order) {
    try {
      const segmenter = await (name === 'nodejieba' ? openNodejieba() : openNodeRs());
      if (name !== wanted)
        log.warn({ wanted, segmenter: name }, 'the segmenter could not be loaded, another one cuts');
      return segmenter;
    } catch (error) {
      log.debug({ segmenter: name, reason: String(error) }, 'segmenter not available');
    }
  }
  throw new DuihaoError(
    'unavailable',
    'segmenter-missing',
    'neither nodejieba nor @node-rs/jieba can be loaded: install again without --omit=optional',
  );
}

let nodejiebaUsers = 0;

async function openNodejieba(): Promise<Segmenter> {
  const path = require.resolve('nodejieba/package.json').replace(/package\.json$/, '');
  const nodejieba = (await import('nodejieba')).default as unknown as {
    DEFAULT_DICT: string;
    load(files?: object): void;
    cut(text: string, strict?: boolean): string[];
  };
  // Its dictionary is one for the whole thread: loaded by the first to open it, given back by the last to close it.
  if (nodejiebaUsers === 0) nodejieba.load();
  nodejiebaUsers += 1;
  const dictionary = await readFile(
    nodejieba.DEFAULT_DICT ?? `${path}submodules/cppjieba/dict/jieba.dict.utf8`,
  );
  return {
    name: 'nodejieba',
    dictionaryDigest: createHash('sha256').update(dictionary).digest('hex'),
    segment: (text) => nodejieba.cut(text),
    close: () => {
      nodejiebaUsers -= 1;
      if (nodejiebaUsers === 0) releaseNodejieba(nodejieba);
    },
  };
}

async function openNodeRs(): Promise<Segmenter> {
  const { Jieba } = await import('@node-rs/jieba');
  const { dict } = await import('@node-rs/jieba/dict.js');
  const jieba = Jieba.withDict(dict);
  return {
    name: 'node-rs-jieba',
    dictionaryDigest: createHash('sha256').update(dict).digest('hex'),
    segment: (text) => jieba.cut(text, true),
  };
}
