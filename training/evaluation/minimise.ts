/** The lowest point of a function of one number, for temperatures and their like. */

/** A coarse look at the whole range, then golden section around the best point (Kiefer, 1953). */
export function minimise(lowest: number, highest: number, loss: (value: number) => number): number {
  const steps = 16;
  const width = (highest - lowest) / steps;
  let best = lowest;
  let bestLoss = Number.POSITIVE_INFINITY;
  for (let step = 0; step <= steps; step += 1) {
    const value = loss(lowest + step * width);
    if (value < bestLoss) {
      bestLoss = value;
      best = lowest + step * width;
    }
  }
  const golden = (Math.sqrt(5) - 1) / 2;
  let low = Math.max(lowest, best - width);
  let high = Math.min(highest, best + width);
  let left = high - golden * (high - low);
  let right = low + golden * (high - low);
  let leftLoss = loss(left);
  let rightLoss = loss(right);
  while (high - low > 1e-4) {
    if (leftLoss <= rightLoss) {
      high = right;
      right = left;
      rightLoss = leftLoss;
      left = high - golden * (high - low);
      leftLoss = loss(left);
    } else {
      low = left;
      left = right;
      leftLoss = rightLoss;
      right = low + golden * (high - low);
      rightLoss = loss(right);
    }
  }
  return (low + high) / 2;
}
