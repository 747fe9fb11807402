/** Durations in seconds by a distribution, from a source of numbers between 0 and 1. */
export type Distribution = (random: () => number) => number

/** Repeatable: G. Marsaglia, "Xorshift RNGs" (2003), with 13, 17 and 5. */
export function createRandom(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 4_294_967_296
  }
}

const normal: Distribution = (random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
const exponential: Distribution = (random) => -Math.log(1 - random())

/** Tens of milliseconds each, so that what a busy machine adds to them is little. */
export const distributions: Readonly<Record<string, Distribution>> = {
  constant: () => 0.06,
  uniform: (random) => 0.01 + 0.11 * random(),
  exponential: (random) => 0.06 * exponential(random),
  gamma_3: (random) => 0.02 * (exponential(random) + exponential(random) + exponential(random)),
  lognormal_05: (random) => 0.05 * Math.exp(0.5 * normal(random)),
  lognormal_10: (random) => 0.04 * Math.exp(normal(random)),
  half_and_half: (random) => (random() < 0.5 ? 0.012 : 0.12),
  one_in_twenty: (random) => (random() < 0.95 ? 0.02 : 0.24),
  rare_stalls: (random) => (random() < 0.9875 ? 0.015 : 1.5),
}
