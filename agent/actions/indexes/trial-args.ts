import { z } from 'zod'
import { parseDuration } from '../../../common/config/kinds.ts'

/** What the operator has to write: it is what is done. */
export const danger = 'updates-pg_index-by-hand'

const longestMs = 7 * 86_400_000

export const dangerArg = z
  .literal(danger)
  .describe(`${danger}: that you know what the manual says of it (the plan says it, too)`)

export const forArg = z
  .string()
  .refine((text) => durationMs(text) !== undefined, 'a duration from 10s to 7d, such as 2h')
  .default('1h')
  .describe('how long, such as 2h; then the agent enables the index again by itself')

export const scansArg = z
  .int()
  .min(1)
  .max(1_000_000)
  .default(10)
  .describe('how many sequential scans of the table more than before end it')

export const boundArg = z
  .number()
  .min(0.05)
  .max(100)
  .default(0.5)
  .describe('how much slower a statement that names the table may become: 0.5 is 50 %')

export const baselineArg = z
  .int()
  .min(1)
  .max(3_600)
  .default(30)
  .describe('how many seconds the table is looked at before, to compare with')

export const standbysArg = z
  .enum(['unused', 'unwatched'])
  .optional()
  .describe(
    'where there are standbys, which get the trial as well: unused, none of them has used the index (agentctl index trial looks); unwatched, what it does to them is accepted',
  )

/** Why a trial does not begin while nobody has said what it is to its standbys, of which the agent of the primary sees nothing. */
export function problemsOfStandbys(standbys: number, said: z.infer<typeof standbysArg>): readonly string[] {
  if (standbys === 0 || said !== undefined) return []
  return [
    `${standbys} standbys lose the index as well, and nobody watches their statements: look at agentctl index show (standbys=unused), or accept it (standbys=unwatched)`,
  ]
}

/** Milliseconds of what `forArg` has taken. */
export function durationMs(text: string): number | undefined {
  const ms = parseDuration(text)
  return ms !== undefined && ms >= 10_000 && ms <= longestMs ? ms : undefined
}

/** What an operator has to know, a line each. */
export function dangerLines(table: string): readonly string[] {
  return [
    'DANGER: pg_index is updated by hand, which PostgreSQL does not support, and which no log of the server and no event trigger shows',
    'DANGER: the index stays disabled for everybody, on the standbys as well, until it is enabled again: if this host is lost, by hand (the number of its transaction, xid, is the proof)',
    `DANGER: VACUUM FULL, CLUSTER and REINDEX of ${table} enable it silently; pg_dump and pg_upgrade leave it out while it is disabled`,
    'it is still written to: a trial shows what reads would be without it, and saves no write',
  ]
}
