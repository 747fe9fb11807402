import { z } from 'zod'
import { changeState, guardReading } from '../../../common/tuning/tune-change.ts'
import type { TuneChange } from '../../../common/tuning/tune-change.ts'
import { notedChange } from '../noted-change.ts'
import { printValue } from '../recommend/print-value.ts'
import { guardBaseline, guardSample } from './guard/guard-sample.ts'

/** A setting that a change touches, as it was. */
const touched = z.object({
  name: z.string(),
  unit: z.string().nullable(),
  /** In pg_settings' unit and spelling; null where nobody knew. */
  before: z.string().nullable(),
  after: z.string(),
  /** `pg_settings.source` and `file:line` of before. */
  source: z.string(),
  where: z.string().nullable(),
  needsRestart: z.boolean(),
})

/** A change as the disk has it: enough to go on with it, or to take it back, after the agent was killed anywhere. */
export const changeRecord = z.object({
  id: z.string(),
  server: z.string(),
  state: changeState,
  startedMs: z.number(),
  finishedMs: z.number().nullable(),
  /** Why it is in this state, one sentence. */
  message: z.string(),
  noted: notedChange,
  /** Of Patroni, where that keeps the settings. */
  scope: z.string().nullable(),
  settings: z.array(touched),
  /** SHA-256 of the server's other settings as they were: whether it was this change alone that made a difference. */
  othersHash: z.string(),
  /** Where the server has postgresql.auto.conf; null where it does not tell. */
  autoConf: z.string().nullable(),
  /** When the postmaster was started under which the values were written. */
  serverStartMs: z.number(),
  guard: z.object({ windowMs: z.number(), bound: z.number() }),
  /** What the server did before; null for a change without a guard. */
  baseline: guardBaseline.nullable(),
  usual: z.record(z.string(), z.number()),
  /** When the guard decides, and the look with which it began. */
  untilMs: z.number().nullable(),
  sinceSample: guardSample.nullable(),
  readings: z.array(guardReading),
})
export type ChangeRecord = z.infer<typeof changeRecord>

/** It goes on: the agent has something to do with it. */
export function isOpen({ state }: Pick<ChangeRecord, 'state'>): boolean {
  return ['applying', 'watching', 'waits-for-restart', 'rolling-back'].includes(state)
}

/** For whoever asks; values as a person writes them. */
export function tellChange(record: ChangeRecord): TuneChange {
  const { id, server, state, startedMs, untilMs, finishedMs, readings, message } = record
  const print = (value: string, unit: string | null): string => printValue({ value, unit })
  return {
    ...{ id, server, state, startedMs, finishedMs, readings, message },
    untilMs: state === 'watching' ? untilMs : null,
    by: record.noted.by,
    settings: record.settings.map(({ name, unit, before, after, needsRestart }) => ({
      name,
      before: before === null ? null : print(before, unit),
      after: print(after, unit),
      needsRestart,
    })),
  }
}

export function namesOf({ settings }: Pick<ChangeRecord, 'settings'>): readonly string[] {
  return settings.map(({ name }) => name)
}
