import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { compare } from './compare.ts'
import type { Comparison } from './compare.ts'
import { digest } from './digest.ts'
import type { Selectors, Source, Target } from './ends.ts'
import type { Progress, ProgressFile } from './progress.ts'

/** What is moved at a time, and begun again after a kill; a window of the embedded store. */
const stepMs = 2 * 3_600_000
/** How often what may be over in a moment is tried again, after 1, 2, 4, ... seconds. */
const attempts = 6
/** A VictoriaMetrics may show a new series ten seconds after it was written. */
const looks = 8
const lookAgainMs = 2_000
const tellEveryMs = 2_000
const mostDifferences = 10

export interface MigrateOptions {
  readonly source: Source
  readonly target: Target
  readonly selectors: Selectors
  /** Where an earlier call has come to. */
  readonly begun: Progress | undefined
  /** Where it begins and ends without one. */
  readonly fresh: Progress
  readonly progress: ProgressFile
  readonly clock: Clock
  readonly tell: (line: string) => void
}

export interface Migrated {
  readonly samples: number
  readonly nan: number
  /** Series, counted in each window, of which the target has more samples than the source: values are not compared. */
  readonly more: number
  readonly differences: number
}

/**
 * Copies all samples window by window, from the oldest on, then reads both sides again and compares them. A window counts as
 * done when the target has it for good, so that it can be killed at any moment and called again.
 * @throws PgherdError of either side
 */
export async function migrate(options: MigrateOptions): Promise<Migrated> {
  const { progress: file, fresh, begun, tell } = options
  let progress = begun ?? fresh
  if (begun === undefined) await file.write(progress)
  else tell(`goes on at ${at(begun.nextMs)} (${begun.phase})`)
  const next = async (changes: Partial<Progress>): Promise<void> => {
    progress = { ...progress, ...changes }
    await file.write(progress)
  }
  const teller = createTeller(options, () => progress)
  while (progress.phase === 'copy' && progress.nextMs <= progress.endMs) {
    const { fromMs, toMs } = windowAt(progress)
    const samples = await patiently(options, () => copyWindow(options, fromMs, toMs))
    await next({ nextMs: toMs + 1, samples: progress.samples + samples })
    teller()
  }
  if (progress.phase === 'copy') {
    tell(`copied ${progress.samples} samples; both sides are read again and compared`)
    await next({ phase: 'compare', nextMs: progress.startMs, samples: 0, nan: 0, more: 0 })
  }
  let differences = 0
  while (progress.nextMs <= progress.endMs) {
    const { fromMs, toMs } = windowAt(progress)
    const compared = await patiently(options, () => compareWindow(options, fromMs, toMs))
    for (const line of compared.differences.slice(0, Math.max(0, mostDifferences - differences)))
      tell(`${at(fromMs)}: ${line}`)
    differences += compared.differences.length
    const samples = progress.samples + compared.samples
    const nan = progress.nan + compared.nan
    const more = progress.more + compared.more
    // What differs is to be copied and compared again by the next call.
    if (differences === 0) await next({ nextMs: toMs + 1, samples, nan, more })
    else progress = { ...progress, nextMs: toMs + 1, samples, nan, more }
    teller()
  }
  await file.remove()
  const { samples, nan, more } = progress
  return { samples, nan, more, differences }
}

/** Windows are aligned, so that each is one of the embedded store's. */
function windowAt({ nextMs, endMs }: Progress): { readonly fromMs: number; readonly toMs: number } {
  return { fromMs: nextMs, toMs: Math.min(endMs, (Math.floor(nextMs / stepMs) + 1) * stepMs - 1) }
}

async function copyWindow({ source, target, selectors }: MigrateOptions, fromMs: number, toMs: number) {
  let samples = 0
  for await (const piece of source.read(selectors, fromMs, toMs)) {
    samples += piece.timestamps.length
    await target.write(piece)
  }
  await target.settle(toMs + 1)
  return samples
}

async function compareWindow(
  { source, target, selectors, clock }: MigrateOptions,
  fromMs: number,
  toMs: number,
): Promise<Comparison> {
  const wanted = await digest(source.read(selectors, fromMs, toMs))
  for (let look = 1; ; look++) {
    const found = await digest(target.read(selectors, fromMs, toMs))
    const compared = compare(wanted, found, target.isExact)
    if (compared.differences.length === 0 || target.isExact || look === looks) return compared
    await clock.sleep(lookAgainMs)
  }
}

async function patiently<T>({ clock, tell }: MigrateOptions, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof PgherdError) || !error.retry || attempt === attempts) throw error
      tell(`${error.message}; it is tried again`)
      await clock.sleep(1000 * 2 ** (attempt - 1))
    }
  }
}

function createTeller({ clock, tell }: MigrateOptions, progress: () => Progress): () => void {
  const begunMs = clock.monotonic()
  const before = progress().samples
  let nextMs = begunMs + tellEveryMs
  return () => {
    const now = clock.monotonic()
    if (now < nextMs) return
    nextMs = now + tellEveryMs
    const { startMs, endMs, nextMs: reached, samples, phase } = progress()
    const percent = Math.floor((100 * (reached - startMs)) / Math.max(1, endMs - startMs + 1))
    const rate = Math.round((samples - before) / ((now - begunMs) / 1000))
    const what = phase === 'copy' ? 'copied' : 'compared'
    tell(
      `${percent} %, ${what} up to ${at(reached)}, ${samples} samples${rate > 0 ? `, ${rate} a second` : ''}`,
    )
  }
}

function at(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace('T', ' ')
}
