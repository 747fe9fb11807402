import { z } from 'zod'

/**
 * Where a change of settings is: it is being made; it is watched; it waits for a restart that brings its values (and is watched then);
 * it stays; it was taken back; somebody else has changed the settings meanwhile, so that it is left alone; it could not be taken back yet.
 */
export const changeState = z.enum([
  'applying',
  'watching',
  'waits-for-restart',
  'kept',
  'rolled-back',
  'left-alone',
  'rolling-back',
])
export type ChangeState = z.infer<typeof changeState>

/** A figure before a change, and since. */
export const guardReading = z.object({
  /** Such as `mean latency of 20 statements`. */
  what: z.string(),
  unit: z.string(),
  before: z.number().nullable(),
  after: z.number().nullable(),
  /** Where it would be too much. */
  limit: z.number().nullable(),
  isWorse: z.boolean(),
})
export type GuardReading = z.infer<typeof guardReading>

export const tuneChange = z.object({
  /** The command's id. */
  id: z.string(),
  server: z.string(),
  state: changeState,
  by: z.enum(['alter-system', 'keeper']),
  startedMs: z.number(),
  /** When the guard decides; null where nothing is watched. */
  untilMs: z.number().nullable(),
  finishedMs: z.number().nullable(),
  settings: z.array(
    z.object({
      name: z.string(),
      before: z.string().nullable(),
      after: z.string(),
      needsRestart: z.boolean(),
    }),
  ),
  readings: z.array(guardReading),
  /** One sentence: why it is in this state. */
  message: z.string(),
})
export type TuneChange = z.infer<typeof tuneChange>
