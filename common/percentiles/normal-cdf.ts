/**
 * Of the standard normal distribution, within 7.5e-8: formula 26.2.17 of M. Abramowitz, I. A. Stegun, "Handbook of Mathematical
 * Functions".
 */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z))
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  const tail = 0.3989422804014327 * Math.exp(-0.5 * z * z) * series
  return z < 0 ? tail : 1 - tail
}
