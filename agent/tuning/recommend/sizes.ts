export const KiB = 1024
export const MiB = 1024 ** 2
export const GiB = 1024 ** 3
export const TiB = 1024 ** 4

/** A size that a person would choose: down to a step that is a small part of it. */
export function roundDown(bytes: number): number {
  const step = bytes < 4 * GiB ? 16 * MiB : bytes < 16 * GiB ? 128 * MiB : bytes < 128 * GiB ? 256 * MiB : GiB
  return Math.floor(bytes / step) * step
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value))
}
