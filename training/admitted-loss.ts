/** The loss of tickets whose label admits a set of leaves: −log of the leaves' summed probability. */
import { tf } from '../src/classifier/backend.js';

/** Added to the logits of what a label does not admit. */
export const EXCLUDED = -1e9;

/**
 * @param logits tickets × leaves
 * @param excluded of the same shape: 0 where the label admits the leaf, else `EXCLUDED`
 * @returns one loss per ticket, ≥ 0; differentiable with respect to the logits only
 */
export function admittedLoss(logits: tf.Tensor2D, excluded: tf.Tensor2D): tf.Tensor1D {
  // The gradient is written out because TF.js's own goes through each row's largest value, which costs most of a step.
  return lossOfBoth(logits, excluded) as tf.Tensor1D;
}

const lossOfBoth = tf.customGrad((...given) => {
  const [logits, excluded, save] = given as unknown as [
    tf.Tensor2D,
    tf.Tensor2D,
    (tensors: tf.Tensor[]) => void,
  ];
  const admitted = tf.add(logits, excluded);
  const all = tf.logSumExp(logits, 1, true);
  const right = tf.logSumExp(admitted, 1, true);
  const slope = tf.sub(tf.exp(tf.sub(logits, all)), tf.exp(tf.sub(admitted, right)));
  save([slope]);
  return {
    value: tf.squeeze(tf.sub(all, right), [1]),
    gradFunc: (upstream: tf.Tensor, saved: tf.Tensor[]) => [
      tf.mul(saved[0]!, tf.expandDims(upstream, 1)),
      tf.zerosLike(excluded),
    ],
  };
});
