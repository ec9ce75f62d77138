/** Which model is promoted: one file, changed whole, by one promoter at a time. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  listModels,
  promotedModel,
  promoteModel,
  readCurrent,
  rollbackModel,
} from '../src/model-store/registry.js';
import { writeToyModel } from './toy-model.js';

let models: string;
beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'duihao-models-'));
});
afterEach(() => rmSync(models, { recursive: true }));

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fine',
    (error) => error.code,
  );

describe('the registry', () => {
  it('takes the only model there is until one is promoted', async () => {
    expect(await code(promotedModel(models))).toBe('no-model-promoted');
    expect(await code(promotedModel(join(models, 'nowhere')))).toBe('models-folder-missing');
    writeToyModel(models, 'a', '1');
    expect(await promotedModel(models)).toMatchObject({ id: 'a', version: '1', folder: join(models, 'a') });
    writeToyModel(models, 'b', '1');
    expect(await code(promotedModel(models))).toBe('no-model-promoted');
    await promoteModel(models, 'b');
    expect((await promotedModel(models)).id).toBe('b');
  });

  it('promotes by name or path, and rolls back through what was promoted', async () => {
    for (const name of ['a', 'b', 'c']) writeToyModel(models, name, '1');
    await promoteModel(models, 'a', new Date(0));
    await promoteModel(models, join(models, 'b'));
    await promoteModel(models, 'c');
    expect((await readCurrent(models))?.history.map(({ model }) => model)).toEqual(['a', 'b']);
    expect((await rollbackModel(models)).current.model).toBe('b');
    expect((await rollbackModel(models)).current.model).toBe('a');
    expect(await code(rollbackModel(models))).toBe('rollback-impossible');
    expect((await promotedModel(models)).id).toBe('a');
    expect(readdirSync(models).sort()).toEqual(['a', 'b', 'c', 'current.json']);
  });

  it('refuses a folder whose manifest does not validate, and keeps the choice', async () => {
    writeToyModel(models, 'good', '1');
    await promoteModel(models, 'good');
    const choice = readFileSync(join(models, 'current.json'), 'utf8');
    writeToyModel(models, 'other-format', '1', { formatVersion: 3 });
    writeToyModel(models, 'no-digest', '1', { taxonomyDigest: undefined });
    writeToyModel(models, 'no-date', '1', { trainedAt: 'yesterday' });
    writeFileSync(join(writeToyModel(models, 'cut', '1'), 'manifest.json'), '{"format":"duihao-mo');
    for (const name of ['other-format', 'no-digest', 'no-date', 'cut']) {
      expect([name, await code(promoteModel(models, name))]).toEqual([name, 'manifest-invalid']);
    }
    expect(await code(promoteModel(models, 'missing'))).toBe('manifest-missing');
    for (const outside of ['..', '.', '/tmp', join(models, 'good', 'x'), '.hidden']) {
      expect([outside, await code(promoteModel(models, outside))]).toEqual([outside, 'model-outside']);
    }
    expect(await code(promoteModel(models, 'good'))).toBe('model-already-promoted');
    expect(readFileSync(join(models, 'current.json'), 'utf8')).toBe(choice);
    const listed = await listModels(models);
    expect(listed.filter(({ fault }) => fault).map(({ name }) => name)).toEqual([
      'cut',
      'no-date',
      'no-digest',
      'other-format',
    ]);
    expect(listed.filter(({ promoted }) => promoted).map(({ name }) => name)).toEqual(['good']);
  });

  it('does not roll back to a folder that has been trained anew or removed', async () => {
    writeToyModel(models, 'a', '1');
    writeToyModel(models, 'b', '1');
    await promoteModel(models, 'a');
    await promoteModel(models, 'b');
    writeToyModel(models, 'a', '2');
    expect(await code(rollbackModel(models))).toBe('model-changed');
    rmSync(join(models, 'a'), { recursive: true });
    expect(await code(rollbackModel(models))).toBe('manifest-missing');
    expect((await promotedModel(models)).id).toBe('b');
  });

  it('lets a retrained folder be promoted again', async () => {
    writeToyModel(models, 'a', '1');
    await promoteModel(models, 'a');
    writeToyModel(models, 'a', '2');
    expect((await promoteModel(models, 'a')).history).toMatchObject([{ model: 'a', version: '1' }]);
  });

  it('keeps promoters apart: of many at once each wins or is told, and the history is whole', async () => {
    const names = Array.from({ length: 12 }, (_, at) => `m${at}`);
    for (const name of names) writeToyModel(models, name, '1');
    const outcomes = await Promise.all(names.map((name) => code(promoteModel(models, name))));
    const won = outcomes.filter((outcome) => outcome === 'fine').length;
    expect(won).toBeGreaterThan(0);
    expect(outcomes.filter((outcome) => outcome !== 'fine').every((one) => one === 'registry-locked')).toBe(
      true,
    );
    expect((await readCurrent(models))?.history).toHaveLength(won - 1);
    expect(existsSync(join(models, 'current.lock'))).toBe(false);
  });

  it('names the process that holds a lock, and the file to delete', async () => {
    writeToyModel(models, 'a', '1');
    writeFileSync(join(models, 'current.lock'), 'process 4711 on elsewhere since 2026-01-01\n');
    await expect(promoteModel(models, 'a')).rejects.toThrow(/process 4711 on elsewhere.*current\.lock/);
    expect(await readCurrent(models)).toBeNull();
  });

  it('says that the choice is damaged instead of choosing', async () => {
    writeToyModel(models, 'a', '1');
    for (const text of ['', '{', '{"format":"duihao-current"}', '[]']) {
      writeFileSync(join(models, 'current.json'), text);
      expect([text, await code(promotedModel(models))]).toEqual([text, 'registry-invalid']);
    }
  });
});
