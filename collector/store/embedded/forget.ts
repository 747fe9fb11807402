import type { Committer } from './committer.ts'
import type { AppendRequest } from './commit-group.ts'
import { createSlotMap, setSlot } from './head/slot-map.ts'
import type { SlotMap } from './head/slot-map.ts'
import { createActivity, expectSeries, useSeries } from './index/activity.ts'
import { createSeriesCopier } from './index/series-copier.ts'
import type { SeriesCopier } from './index/series-copier.ts'
import type { OpenWindow } from './open-window.ts'
import { createPace } from './pace.ts'
import type { Pace } from './pace.ts'
import type { StoreState } from './state.ts'

const refsPerLook = 256

/** Series that were announced, and whose samples were then out of bounds: they would count against the limit for ever. */
const mostWaiting = 0.1

/** Whether the table holds many more series than the open windows use. */
export function hasMuchToForget({ table, activity, options }: StoreState): boolean {
  if (activity.waiting > options.maxSeries * mostWaiting) return true
  return table.count > 2 * activity.stored + options.spareSeries
}

/**
 * Replaces the series table by one that has only the series of the open windows, under new refs. Most of it is
 * made while appends and queries go on with the old one; queries that have begun keep it until they end.
 */
export async function forgetSeries(state: StoreState, committer: Committer): Promise<void> {
  const pace = createPace(state.options.clock)
  const { table } = state
  const copier = createSeriesCopier(table)
  for (let ref = 0; ref < table.count; ref++) {
    if (state.table !== table) return
    if (state.activity.uses[ref]! > 0) copier.copy(ref)
    if (ref % refsPerLook === 0 && pace.due()) await pace.rest()
  }
  const prepared = new Map<OpenWindow, PreparedWindow>()
  for (const window of state.windows) prepared.set(window, await prepare(window, copier, pace))
  if (state.closing.aborted) return
  await committer.between((waiting) => {
    // Another run may have been faster.
    if (state.table === table) swap(state, copier, prepared, waiting)
  })
  state.options.log.info(
    { before: table.count, series: state.table.count },
    'forgot series that are in no open window',
  )
}

/** The refs and slots of a window under the new refs, for its first `count` slots. */
interface PreparedWindow {
  count: number
  readonly refs: Uint32Array
  readonly slots: SlotMap
}

/** Only slots of earlier groups: those of the group that is being written may be taken back. */
async function prepare(window: OpenWindow, copier: SeriesCopier, pace: Pace): Promise<PreparedWindow> {
  const { head } = window
  const count = Math.min(window.slotsBefore, head.slotCount)
  const prepared = { count: 0, refs: new Uint32Array(head.refs.length), slots: createSlotMap() }
  for (; prepared.count < count; prepared.count++) {
    moveSlot(window, prepared, prepared.count, copier)
    if (prepared.count % refsPerLook === 0 && pace.due()) await pace.rest()
  }
  return prepared
}

function moveSlot({ head }: OpenWindow, to: PreparedWindow, slot: number, copier: SeriesCopier): void {
  const ref = copier.copy(head.refs[slot]!)
  to.refs[slot] = ref
  setSlot(to.slots, ref, slot)
}

/** Between two groups. What came since the preparation is little. */
function swap(
  state: StoreState,
  copier: SeriesCopier,
  prepared: ReadonlyMap<OpenWindow, PreparedWindow>,
  waiting: readonly AppendRequest[],
): void {
  const activity = createActivity()
  const changes: (() => void)[] = []
  for (const window of state.windows) {
    const { head } = window
    let moved = prepared.get(window)
    if (moved === undefined || moved.refs.length !== head.refs.length) {
      const refs = new Uint32Array(head.refs.length)
      if (moved !== undefined) refs.set(moved.refs.subarray(0, moved.count))
      moved = { count: moved?.count ?? 0, refs, slots: moved?.slots ?? createSlotMap() }
    }
    for (let slot = moved.count; slot < head.slotCount; slot++) moveSlot(window, moved, slot, copier)
    for (let slot = 0; slot < head.slotCount; slot++) useSeries(activity, moved.refs[slot]!)
    const { refs, slots } = moved
    changes.push(() => {
      head.refs = refs
      head.slots = slots
    })
  }
  const renamed = waiting.map(({ refs }) => refs.map((ref) => copier.copy(ref)))
  for (const refs of renamed) {
    for (const ref of refs) {
      if ((activity.uses[ref] ?? 0) === 0 && activity.expected[ref] !== 1) expectSeries(activity, ref)
    }
  }
  for (const change of changes) change()
  for (const [i, request] of waiting.entries()) request.refs = renamed[i]!
  state.table = copier.table
  state.activity = activity
  state.refGeneration++
}
