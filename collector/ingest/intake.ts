import { checkedLabelSet } from '../../common/series/label-rules.ts'
import type { LabelLimits } from '../../common/series/label-rules.ts'
import type { LabelSet } from '../../common/series/label-set.ts'
import { setStale } from '../../common/series/stale.ts'
import { createSampleColumns, growSampleColumns } from '../../common/wire/sample-columns.ts'
import type { SampleColumns } from '../../common/wire/sample-columns.ts'
import type { Append } from './appended.ts'
import { withExtraLabels } from './extra-labels.ts'
import type { ExtraLabels } from './extra-labels.ts'
import { countRefusal, reasonOf, refusedAs } from './refusals.ts'
import type { Refusals } from './refusals.ts'

export interface IntakeOptions {
  readonly seriesRef: (labels: LabelSet) => number
  /** References are valid while it stays the same. */
  readonly refGeneration?: (() => number) | undefined
  readonly append: Append
  readonly limits?: LabelLimits | undefined
  readonly extraLabels?: ExtraLabels | undefined
}

/** What became of the rows so far. */
export interface IntakeResult {
  readonly stored: number
  readonly duplicate: number
  readonly outOfBounds: number
  /** Series that were refused, each time they came, and the samples lost by it. */
  readonly rejectedSeries: Readonly<Refusals>
  readonly rejectedSamples: Readonly<Refusals>
}

/**
 * Where the rows of one request go, whatever its format: labels are checked and become references, samples are
 * appended in slices while the next ones are read. Between reading rows and flush() nothing may be awaited.
 */
export interface Intake {
  /** What stands for the series that this text stood for before; undefined when it is new. */
  known(key: string): number | undefined
  /** The same for labels: name, value, name, value, ... in any order. A refused series gets a number too. */
  series(key: string | undefined, flat: readonly string[]): number
  sample(ref: number, timestampMs: number, value: number): void
  stale(ref: number, timestampMs: number): void
  /** Resolves when there is room for more rows. @throws what append throws */
  flush(): Promise<void>
  /** Resolves when every sample is durable. @throws what append throws */
  finish(): Promise<void>
  result(): IntakeResult
}

const samplesPerAppend = 1 << 16
/** Appends under way: the log syncs one group while the next ones are read. */
const mostPending = 4
const mostKeys = 50_000
const mostKeyCharacters = 8 * 1024 * 1024

export function createIntake(options: IntakeOptions): Intake {
  const result = { stored: 0, duplicate: 0, outOfBounds: 0 }
  const rejectedSeries: Refusals = {}
  const rejectedSamples: Refusals = {}
  const keys = new Map<string, number>()
  let keyCharacters = 0
  const currentGeneration = options.refGeneration ?? (() => 0)
  let generation = currentGeneration()
  let columnsGeneration = generation
  const free: SampleColumns[] = []
  let columns = createSampleColumns()
  const pending: Promise<void>[] = []
  let failure: { readonly error: unknown } | undefined

  const forget = () => {
    keys.clear()
    keyCharacters = 0
  }
  const renew = (): void => {
    if (currentGeneration() === generation) return
    forget()
    generation = currentGeneration()
  }
  const remember = (key: string, ref: number) => {
    if (keys.size >= mostKeys || keyCharacters > mostKeyCharacters) forget()
    keyCharacters += key.length
    // A part of a string keeps the whole of it in memory; a copy does not.
    keys.set(Buffer.from(key).toString(), ref)
  }
  const resolve = (flat: readonly string[]): number => {
    const labels = checkedLabelSet(
      options.extraLabels === undefined ? flat : withExtraLabels(flat, options.extraLabels),
      options.limits,
    )
    if (typeof labels === 'string') return refusedAs(labels)
    const ref = options.seriesRef(labels)
    return ref < 0 ? refusedAs('series_limit') : ref
  }
  const refuse = (ref: number): void => countRefusal(rejectedSamples, reasonOf(ref))
  const next = (ref: number, timestampMs: number): number => {
    if (columns.count === 0) columnsGeneration = generation
    const i = columns.count++
    if (i === columns.timestamps.length) growSampleColumns(columns)
    columns.refs[i] = ref
    columns.timestamps[i] = timestampMs
    return i
  }

  const start = (): void => {
    const own = columns
    if (own.count === 0) return
    columns = free.pop() ?? createSampleColumns()
    columns.count = 0
    const slices: Promise<void>[] = []
    // All in this turn, in which the references are certainly valid.
    for (let from = 0; from < own.count; from += samplesPerAppend) {
      const to = Math.min(from + samplesPerAppend, own.count)
      const slice = options
        .append(
          own.refs.subarray(from, to),
          own.timestamps.subarray(from, to),
          own.values.subarray(from, to),
          to - from,
          columnsGeneration,
        )
        .then(
          (appended) => {
            result.stored += appended.stored
            result.duplicate += appended.duplicate
            result.outOfBounds += appended.outOfBounds
          },
          (error: unknown) => {
            failure ??= { error }
          },
        )
      slices.push(slice)
    }
    const all = Promise.all(slices).then(() => {
      void pending.splice(pending.indexOf(all), 1)
      if (own.timestamps.length <= samplesPerAppend) free.push(own)
    })
    pending.push(all)
  }
  const complain = (): void => {
    if (failure !== undefined) throw failure.error
  }

  return {
    known(key) {
      renew()
      const ref = keys.get(key)
      if (ref !== undefined && ref < 0) countRefusal(rejectedSeries, reasonOf(ref))
      return ref
    },
    series(key, flat) {
      renew()
      const ref = resolve(flat)
      if (ref < 0) countRefusal(rejectedSeries, reasonOf(ref))
      if (key !== undefined) remember(key, ref)
      return ref
    },
    sample(ref, timestampMs, value) {
      if (ref < 0) refuse(ref)
      else {
        const i = next(ref, timestampMs)
        columns.values[i] = value
      }
    },
    stale(ref, timestampMs) {
      if (ref < 0) refuse(ref)
      else {
        const i = next(ref, timestampMs)
        setStale(columns.values, i)
      }
    },
    async flush() {
      start()
      complain()
      while (pending.length >= mostPending) await pending[0]
      complain()
    },
    async finish() {
      start()
      await Promise.all(pending)
      complain()
    },
    result: () => ({
      ...result,
      rejectedSeries: { ...rejectedSeries },
      rejectedSamples: { ...rejectedSamples },
    }),
  }
}
