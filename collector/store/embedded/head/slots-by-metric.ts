import { metricNameLabel } from '../../../../common/series/label-set.ts'
import { valueSymbol } from '../index/series-columns.ts'
import { valuesOf } from '../index/series-index.ts'
import type { SeriesIndex } from '../index/series-index.ts'
import type { Pace } from '../pace.ts'
import { slotAt } from './slot-map.ts'
import type { SlotMap } from './slot-map.ts'

/** The slots of a window with the series they stand for, which do not change while this is read. */
export interface WindowSeries {
  readonly series: SeriesIndex
  readonly slotCount: number
  readonly refs: Uint32Array
  readonly slots: SlotMap
}

/** So many are sorted at once. */
const fewSlots = 4096
const refsPerLook = 256

/** Series of one metric next to each other: they are read together and resemble each other. */
export async function slotsByMetric(window: WindowSeries, pace: Pace): Promise<Uint32Array> {
  const name = window.series.symbols.ids.get(metricNameLabel)
  if (name === undefined || window.slotCount <= fewSlots) return sorted(window, name ?? -1)
  const out = new Uint32Array(window.slotCount)
  const done = new Uint8Array(window.slotCount)
  let count = 0
  for (const list of (await valuesOf(window.series, name, pace)).values()) {
    const length = typeof list === 'number' ? 1 : list.length
    for (let i = 0; i < length; i++) {
      const slot = slotAt(window.slots, typeof list === 'number' ? list : list.refs[i]!)
      if (slot >= 0) {
        out[count++] = slot
        done[slot] = 1
      }
      if (i % refsPerLook === 0 && pace.due()) await pace.rest()
    }
  }
  for (let slot = 0; slot < done.length && count < out.length; slot++)
    if (done[slot] === 0) out[count++] = slot
  return out
}

function sorted({ series, slotCount, refs }: WindowSeries, name: number): Uint32Array {
  const keys = new Float64Array(slotCount)
  // Symbol and slot in one exact double, so that the sort is a native one of numbers.
  for (let slot = 0; slot < slotCount; slot++)
    keys[slot] = valueSymbol(series, refs[slot]!, name) * 2 ** 26 + slot
  return Uint32Array.from(keys.sort(), (key) => key % 2 ** 26)
}
