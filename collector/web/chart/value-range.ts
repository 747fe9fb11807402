export interface ValueAxis {
  /** The highest value that can be, where that is known. */
  readonly top: number | undefined
  readonly fromZero: boolean
}

/** The value axis: from zero unless told otherwise, to the known top or a little above the highest value. */
export function valueRange(low: number | null, high: number | null, axis: ValueAxis): [number, number] {
  const ceiling = axis.top
  if (low === null || high === null) return [0, ceiling ?? 1]
  if (axis.fromZero) {
    const top = ceiling === undefined ? high * 1.08 : Math.max(ceiling, high)
    return [Math.min(0, low * 1.08), top > 0 ? top : 1]
  }
  const room = Math.max((high - low) * 0.15, Math.abs(high) * 0.0005, 1e-9)
  const top = high + room
  return [Math.max(0, low - room), ceiling === undefined ? top : Math.max(high, Math.min(ceiling, top))]
}
