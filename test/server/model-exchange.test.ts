/** A running server follows the registry: new model ready first, old one closed after its last answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { promoteModel } from '../../src/model-store/registry.js';
import { ModelExchange } from '../../src/server/model-exchange.js';
import { ServiceSlot } from '../../src/server/service-slot.js';
import { InlineService } from '../../src/suggest/inline-service.js';
import type { SuggestService } from '../../src/suggest/suggest-service.js';
import { openAnswerer } from '../toy-answerer.js';
import { writeToyModel } from '../toy-model.js';

let models: string;
let slot: ServiceSlot;
let events: string[];
let exchange: ModelExchange;
/** Resolves openings that a test holds back. */
let gate: Promise<void>;

async function open(folder: string): Promise<SuggestService> {
  events.push(`open ${folder.slice(models.length + 1)}`);
  await gate;
  const service = new InlineService(await openAnswerer(folder));
  const close = service.close.bind(service);
  service.close = async () => {
    events.push(`close ${service.model.id}`);
    await close();
  };
  return service;
}

beforeEach(() => {
  models = mkdtempSync(join(tmpdir(), 'duihao-exchange-'));
  slot = new ServiceSlot();
  events = [];
  gate = Promise.resolve();
  // Checked by hand here.
  exchange = new ModelExchange({ models, slot, open, everyMs: 3_600_000 });
  writeToyModel(models, 'a', '1');
});
afterEach(async () => {
  await exchange.stop();
  rmSync(models, { recursive: true });
});

describe('the model exchange', () => {
  it('does nothing while the choice stays as it is', async () => {
    await exchange.start();
    expect(await exchange.check()).toBe('unchanged');
    await promoteModel(models, 'a');
    expect(await exchange.check()).toBe('exchanged');
    expect(await exchange.check()).toBe('unchanged');
    expect(events).toEqual(['open a', 'open a', 'close a']);
  });

  it('closes the old model only when the new one is in its place', async () => {
    await exchange.start();
    writeToyModel(models, 'b', '2');
    await promoteModel(models, 'b');
    let release = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const checks = [exchange.check(), exchange.check()];
    expect(slot.take().model.id).toBe('a');
    release();
    expect(await Promise.all(checks)).toEqual(['exchanged', 'exchanged']);
    expect(slot.take().model.id).toBe('b');
    expect(events).toEqual(['open a', 'open b', 'close a']);
  });

  it('stays with what it has when the new one does not open, and tries a choice once', async () => {
    await exchange.start();
    writeToyModel(models, 'broken', '3', { toyFails: true });
    await promoteModel(models, 'broken');
    expect(await exchange.check()).toBe('failed');
    expect(await exchange.check()).toBe('unchanged');
    writeFileSync(join(models, 'current.json'), '{');
    expect(await exchange.check()).toBe('failed');
    expect(await exchange.check()).toBe('unchanged');
    expect(slot.take().model.id).toBe('a');
    rmSync(join(models, 'current.json'));
    writeToyModel(models, 'b', '2');
    await promoteModel(models, 'b');
    expect(await exchange.check()).toBe('exchanged');
    expect(slot.take().model.id).toBe('b');
  });

  it('does not start without a model, and says why', async () => {
    rmSync(join(models, 'a'), { recursive: true });
    await expect(exchange.start()).rejects.toMatchObject({ code: 'no-model-promoted' });
    expect(slot.state).toBe('starting');
  });

  it('closes a model that opens after the server has stopped', async () => {
    let release = () => {};
    gate = new Promise((resolve) => {
      release = resolve;
    });
    const starting = exchange.start();
    await exchange.stop();
    release();
    expect(await starting).toBeUndefined();
    expect(events).toEqual(['open a', 'close a']);
    expect(() => slot.take()).toThrow(/loading/);
  });
});
