/** The part of time that the charts show: the last so many milliseconds, or a fixed stretch. */
export type TimeWindow =
  | { readonly kind: 'last'; readonly ms: number }
  | { readonly kind: 'between'; readonly fromMs: number; readonly toMs: number }

const minute = 60_000

/** The choices of the range picker, by the name that stands in the page's address. */
export const ranges: ReadonlyMap<string, number> = new Map([
  ['5m', 5 * minute],
  ['15m', 15 * minute],
  ['1h', 60 * minute],
  ['6h', 360 * minute],
  ['24h', 1440 * minute],
])

export const defaultWindow: TimeWindow = { kind: 'last', ms: 15 * minute }

/** Both ends of the window in milliseconds since the epoch, when it is `nowMs`. */
export function windowEnds(
  window: TimeWindow,
  nowMs: number,
): { readonly fromMs: number; readonly toMs: number } {
  return window.kind === 'last'
    ? { fromMs: nowMs - window.ms, toMs: nowMs }
    : { fromMs: window.fromMs, toMs: window.toMs }
}
