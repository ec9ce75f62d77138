/** The memory finds what a plain search over the same choices finds, whatever was written, and forgets the oldest. */
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Fingerprint, fingerprintLength, fingerprintOf } from '../../src/classifier/fingerprint.js';
import { type Change, type Choice, CorrectionMemory } from '../../src/suggest/correction-memory.js';
import { seededRandom } from '../../training/random.js';

const random = seededRandom(7);
/** Roughly normal. */
const number = () => random() + random() + random() - 1.5;
const someBag = () => Float64Array.from({ length: fingerprintLength }, number);
/** @param noise 0: the same direction; 1: about 45° away */
const near = (bag: Float64Array, noise: number): Fingerprint =>
  fingerprintOf(bag.map((value) => value + noise * number()))!;

const choice = (fingerprint: Fingerprint, change: Partial<Choice> = {}): Choice => ({
  fingerprint,
  item: 5,
  decidedAt: 1000,
  weight: 1,
  agent: '小李',
  corrected: true,
  ...change,
});

function cosine(a: Fingerprint, b: Fingerprint): number {
  let [product, left, right] = [0, 0, 0];
  for (let at = 0; at < a.length; at += 1) {
    product += a[at]! * b[at]!;
    left += a[at]! ** 2;
    right += b[at]! ** 2;
  }
  return product / Math.sqrt(left * right);
}

describe('a fingerprint', () => {
  it('points where the bag points, whatever its length', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), (scale) => {
        const bag = someBag();
        expect(fingerprintOf(bag.map((value) => value * scale))).toEqual(fingerprintOf(bag));
      }),
      { numRuns: 20 },
    );
  });

  it('has one length for networks of any width, and there is none of nothing', () => {
    for (const width of [1, 8, 127, 128, 129, 300]) {
      const bag = Float32Array.from({ length: width }, number);
      const fingerprint = fingerprintOf(bag)!;
      expect(fingerprint).toHaveLength(fingerprintLength);
      expect(Math.max(...fingerprint.map(Math.abs))).toBe(127);
      expect(fingerprintOf(new Float32Array(width))).toBeNull();
    }
  });
});

describe('the memory', () => {
  it('finds what is at least as similar as asked for, with what was chosen', () => {
    const memory = new CorrectionMemory(64);
    const bag = someBag();
    const same = near(bag, 0);
    memory.write([
      { key: 'same', choice: choice(same, { item: 7, weight: 0.5, decidedAt: 42, corrected: false }) },
      { key: 'near', choice: choice(near(bag, 0.3), { agent: '小王' }) },
      { key: 'other', choice: choice(near(someBag(), 0)) },
    ]);
    const found = memory.nearest(same, 0.7).sort((a, b) => b.similarity - a.similarity);
    expect(found).toHaveLength(2);
    expect(found[0]).toMatchObject({ item: 7, weight: 0.5, decidedAt: 42, corrected: false });
    expect(found[0]!.similarity).toBeCloseTo(1, 6);
    expect(found[0]!.agent).not.toBe(found[1]!.agent);
  });

  it('holds the latest of each key, and nothing that was taken back', () => {
    const memory = new CorrectionMemory(8);
    const fingerprint = near(someBag(), 0);
    const write = (key: string, item: number | null) =>
      memory.write([{ key, choice: item === null ? null : choice(fingerprint, { item }) }]);
    const items = () => memory.nearest(fingerprint, 0.9).map(({ item }) => item);
    write('a', 1);
    write('b', 2);
    write('a', 3);
    expect(items().sort()).toEqual([2, 3]);
    write('b', null);
    write('never', null);
    expect(items()).toEqual([3]);
    expect(memory.size).toBe(1);
  });

  it('is a plain list of the newest choices to whoever searches', () => {
    const bags = Array.from({ length: 4 }, someBag);
    const change = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map(String),
      bag: fc.constantFrom(...bags),
      // All clearly nearer than is asked for: at the edge the look at the signs may miss one.
      noise: fc.constantFrom(0, 0.2, 0.5),
      item: fc.option(fc.integer({ min: 0, max: 9 })),
    });
    fc.assert(
      fc.property(fc.array(fc.array(change, { maxLength: 8 }), { maxLength: 12 }), (batches) => {
        const capacity = 16;
        const memory = new CorrectionMemory(capacity);
        // Oldest first; a place that was emptied is used again only when its turn comes, so the model has gaps too.
        let ring: { key: string; choice: Choice | null }[] = [];
        for (const batch of batches) {
          const changes: Change[] = batch.map(({ key, bag, noise, item }) => ({
            key,
            choice: item === null ? null : choice(near(bag, noise), { item, decidedAt: random() }),
          }));
          memory.write(changes);
          for (const { key, choice: chosen } of changes) {
            ring = ring.map((one) => (one.key === key ? { ...one, choice: null } : one));
            if (chosen) ring = [...ring, { key, choice: chosen }].slice(-capacity);
          }
        }
        const reopened = new CorrectionMemory(capacity, memory.shared);
        for (const bag of bags) {
          const asked = near(bag, 0);
          const expected = ring
            .flatMap(({ choice: one }) => one ?? [])
            .filter(({ fingerprint }) => cosine(asked, fingerprint) >= 0.7)
            .map(({ decidedAt }) => decidedAt);
          for (const one of [memory, reopened]) {
            const found = one.nearest(asked, 0.7).map(({ decidedAt }) => decidedAt);
            expect(found.sort()).toEqual(expected.sort());
          }
        }
      }),
    );
  });

  it('loses hardly a neighbour to the look at the signs', () => {
    const memory = new CorrectionMemory(3000);
    const bags = Array.from({ length: 30 }, someBag);
    const fingerprints = bags.flatMap((bag) => Array.from({ length: 100 }, () => near(bag, 1.2 * random())));
    memory.write(fingerprints.map((one, at) => ({ key: `${at}`, choice: choice(one) })));
    let [there, found] = [0, 0];
    for (const bag of bags) {
      const asked = near(bag, 0);
      there += fingerprints.filter((one) => cosine(asked, one) >= 0.8).length;
      found += memory.nearest(asked, 0.8).length;
    }
    expect(there).toBeGreaterThan(1000);
    expect(found / there).toBeGreaterThan(0.99);
  });

  it('refuses memory of another capacity', () => {
    expect(() => new CorrectionMemory(9, new CorrectionMemory(8).shared)).toThrow('capacity');
  });

  it('answers again as soon as a thread that was writing has ended', async () => {
    const memory = new CorrectionMemory(8);
    const fingerprint = near(someBag(), 0);
    memory.write([{ key: 'a', choice: choice(fingerprint) }]);
    // Another thread makes the version odd, as a writer does, and even again a moment later.
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       const header = new Int32Array(workerData, 0, 2);
       Atomics.add(header, 0, 1);
       parentPort.postMessage('writing');
       setTimeout(() => { Atomics.add(header, 0, 1); Atomics.notify(header, 0); }, 3);`,
      { eval: true, workerData: memory.shared },
    );
    await new Promise((resolve) => worker.once('message', resolve));
    await vi.waitFor(() => expect(memory.nearest(fingerprint, 0.9)).toHaveLength(1));
    await worker.terminate();
  });

  it('answers without itself rather than wait for a writer that never ends', () => {
    const memory = new CorrectionMemory(8);
    const fingerprint = near(someBag(), 0);
    memory.write([{ key: 'a', choice: choice(fingerprint) }]);
    Atomics.add(new Int32Array(memory.shared, 0, 1), 0, 1);
    expect(memory.nearest(fingerprint, 0.9)).toEqual([]);
  });
});
