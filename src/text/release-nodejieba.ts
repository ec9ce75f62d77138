/**
 * Gives nodejieba's dictionary back. The addon keeps it for the process's life, also when the thread that loaded it
 * has ended (about 250 MB each time); loading another dictionary frees the one before, so a tiny one is loaded.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The dictionaries a load names; the model of unknown words is small and stays the default. */
interface NodejiebaLoader {
  load(files: { dict: string; userDict: string; idfDict: string; stopWordDict: string }): void;
}

/** Call it in the thread that loaded the dictionary, when nothing will be cut there any more. */
export function releaseNodejieba(nodejieba: NodejiebaLoader): void {
  const folder = mkdtempSync(join(tmpdir(), 'duihao-release-'));
  const file = (name: string, line: string): string => {
    const path = join(folder, name);
    writeFileSync(path, line);
    return path;
  };
  try {
    nodejieba.load({
      dict: file('dict', '工 100 n\n'),
      userDict: file('user', ''),
      idfDict: file('idf', '工 1.0\n'),
      stopWordDict: file('stop', '的\n'),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
