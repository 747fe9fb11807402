import type { Block } from './block/block.ts'
import { maxWindows } from './block/footer.ts'
import type { OpenWindow } from './open-window.ts'

/** Blocks that are to become one. */
export interface MergePlan {
  /** In the order of state.blocks: later ones win at equal times. */
  readonly blocks: readonly Block[]
  readonly startMs: number
  readonly spanMs: number
  /** Whether it becomes a block of several windows. */
  readonly isLong: boolean
  /** zstd's: a block that is written once and kept for most of the retention is worth more. */
  readonly level: number
}

export interface MergeOptions {
  readonly nowMs: number
  readonly windowMs: number
  readonly retentionMs: number
}

const hour = 3_600_000
/** Lengths of long blocks, longest first. */
const longSpans = [24 * hour, 12 * hour, 6 * hour]
/** Of the retention: what has to be kept too long, because a block goes as a whole, stays small beside it. */
const longestShare = 1 / 8
/** How long after its end a span becomes a long block: later samples would make it be written again. */
const longDelayMs = 6 * hour
/** Part of a long block: its windows become one block until the rest is over, so that a day is few blocks from the beginning. */
export const sectionMs = 8 * hour
const sectionDelayMs = hour / 2
const level = 3
const longLevel = 6
/** So many blocks of one window are merged: late samples then cost each query one block, not one per trickle. */
const blocksToMerge = 4
/** A block is rewritten for younger ones when they are at least this share of it. */
const worthwhileShare = 1 / 8

/**
 * Which blocks are worth merging. The merged block stands for all generations of its windows, so none of them may
 * still be in a log. A block that has lost a page is left as it is, for whoever wants to repair it.
 */
export function planMerges(
  blocks: readonly Block[],
  windows: readonly OpenWindow[],
  options: MergeOptions,
): MergePlan[] {
  const isClosed = (startMs: number, spanMs: number): boolean =>
    windows.every(({ identity }) => identity.startMs < startMs || identity.startMs >= startMs + spanMs)
  const usable = blocks.filter(({ badPages }) => badPages.size === 0)
  const plans: MergePlan[] = []
  let rest = usable
  for (const plan of [planLong, planSections, planWindows]) {
    const found = plan(rest, options).filter(({ startMs, spanMs }) => isClosed(startMs, spanMs))
    const taken = new Set(found.flatMap((one) => one.blocks))
    rest = rest.filter((block) => !taken.has(block))
    plans.push(...found)
  }
  return plans
}

/** The length of long blocks with such a retention; undefined when windows stay apart. */
export function longSpan({ windowMs, retentionMs }: Omit<MergeOptions, 'nowMs'>): number | undefined {
  return longSpans.find((span) => {
    const windows = span / windowMs
    const fits = Number.isInteger(windows) && windows >= 2 && windows <= maxWindows
    return fits && span <= retentionMs * longestShare
  })
}

function planLong(blocks: readonly Block[], options: MergeOptions): MergePlan[] {
  const spanMs = longSpan(options)
  return spanMs === undefined
    ? []
    : planSpans(blocks, options, { spanMs, delayMs: longDelayMs, level: longLevel })
}

/** Where a long block is there already, late windows stay apart until they are worth writing it again. */
function planSections(blocks: readonly Block[], options: MergeOptions): MergePlan[] {
  const spanMs = longSpan(options)
  const isPart =
    spanMs !== undefined &&
    spanMs > sectionMs &&
    spanMs % sectionMs === 0 &&
    sectionMs % options.windowMs === 0
  if (!isPart) return []
  const long = blocks.filter(({ footer }) => footer.windowMs === spanMs)
  const others = blocks.filter(
    ({ footer }) => !long.some((one) => one.footer.startMs === footer.startMs - (footer.startMs % spanMs)),
  )
  const plans = planSpans(others, options, { spanMs: sectionMs, delayMs: sectionDelayMs, level })
  // Blocks of one window are merged when there are many.
  return plans.filter(({ blocks }) => windowCount(blocks) > 1)
}

function windowCount(blocks: readonly Block[]): number {
  return new Set(blocks.flatMap(({ footer }) => footer.windows.map(({ startMs }) => startMs))).size
}

function planSpans(
  blocks: readonly Block[],
  options: MergeOptions,
  about: { readonly spanMs: number; readonly delayMs: number; readonly level: number },
): MergePlan[] {
  const { spanMs, delayMs } = about
  const plans: MergePlan[] = []
  const bySpan = Map.groupBy(blocks, ({ footer }) => footer.startMs - (footer.startMs % spanMs))
  for (const [startMs, group] of bySpan) {
    if (options.nowMs < startMs + spanMs + delayMs) continue
    const inside = group.filter(({ footer }) => footer.startMs + footer.windowMs <= startMs + spanMs)
    // Its windows would have other limits.
    if (inside.some(({ footer }) => footer.windows.some(({ windowMs }) => windowMs !== options.windowMs)))
      continue
    const before = inside.filter(({ footer }) => footer.windowMs === spanMs)
    const single = inside.filter(({ footer }) => footer.windowMs !== spanMs)
    const isWorthIt = sizeOf(single) >= sizeOf(before) * worthwhileShare
    if (inside.length >= 2 && isWorthIt)
      plans.push({ blocks: inside, startMs, spanMs, isLong: true, level: about.level })
  }
  return plans
}

/** Of one window the youngest blocks, and of the older ones those that are not much larger than these together. */
function planWindows(blocks: readonly Block[]): MergePlan[] {
  const plans: MergePlan[] = []
  const single = blocks.filter(({ footer }) => footer.windows.length === 1)
  const byWindow = Map.groupBy(single, ({ footer }) => `${footer.startMs}-${footer.windowMs}`)
  for (const group of byWindow.values()) {
    if (group.length < blocksToMerge) continue
    let first = group.length - 1
    while (first > 0 && sizeOf(group.slice(first)) >= group[first - 1]!.bytes * worthwhileShare) first--
    const chosen = group.slice(first)
    const { startMs, windowMs } = chosen[0]!.footer
    if (chosen.length >= 2) plans.push({ blocks: chosen, startMs, spanMs: windowMs, isLong: false, level })
  }
  return plans
}

function sizeOf(blocks: readonly Block[]): number {
  return blocks.reduce((sum, { bytes }) => sum + bytes, 0)
}
