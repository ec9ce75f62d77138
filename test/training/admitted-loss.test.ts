/** The written-out gradient is that of the formula as TF.js itself derives it. */
import { beforeAll, expect, it } from 'vitest';
import { chooseBackend, tf } from '../../src/classifier/backend.js';
import { admittedLoss } from '../../training/admitted-loss.js';

beforeAll(async () => {
  await chooseBackend();
});

const logits = [2, -1, 0.5, 300, -300, 299, -40, 0, 40];
const excluded = [0, -1e9, 0, -1e9, -1e9, 0, -1e9, -1e9, -1e9];

it('is −log of what the admitted leaves have together', () => {
  const losses = admittedLoss(tf.tensor2d(logits, [3, 3]), tf.tensor2d(excluded, [3, 3])).dataSync();
  const together = Math.exp(2) + Math.exp(0.5);
  expect(losses[0]).toBeCloseTo(-Math.log(together / (together + Math.exp(-1))), 5);
  expect(losses[1]).toBeCloseTo(Math.log(1 + Math.exp(1)), 4);
});

it('has the gradient that TF.js derives from the formula, also where logits are large', () => {
  const mask = tf.tensor2d(excluded, [3, 3]);
  // The third ticket has no label and counts nothing.
  const counts = tf.tensor1d([1, 0.5, 0]);
  const formula = (given: tf.Tensor) =>
    tf.sum(tf.mul(tf.sub(tf.logSumExp(given, 1), tf.logSumExp(tf.add(given, mask), 1)), counts));
  const written = (given: tf.Tensor) => tf.sum(tf.mul(admittedLoss(given as tf.Tensor2D, mask), counts));
  const at = tf.tensor2d(logits, [3, 3]);
  const derived = tf.grad(formula)(at).dataSync();
  const found = tf.grad(written)(at).dataSync();
  expect(found.some((value) => value !== 0)).toBe(true);
  for (const [cell, value] of found.entries()) expect(value).toBeCloseTo(derived[cell]!, 5);
});
