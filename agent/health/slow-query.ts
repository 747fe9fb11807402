import { z } from 'zod'
import { slotView } from '../../common/health/instance-health.ts'
import { PgherdError } from '../../common/errors.ts'
import { askJson } from './server-link.ts'
import type { ServerLink } from './server-link.ts'
import { endOfLog, msOf } from './sql-expressions.ts'

const slowAnswer = z.object({
  slots: z
    .array(slotView)
    .nullable()
    .transform((slots) => slots ?? []),
  archiver: z.object({
    isEnabled: z.boolean(),
    isFailing: z.boolean(),
    lastArchivedMs: z.number().nullable(),
    lastFailedMs: z.number().nullable(),
  }),
})
const controlAnswer = z.object({
  systemIdentifier: z.string().regex(/^\d{1,20}$/),
  timeline: z.int(),
})

/** What is asked every few seconds. */
export type SlowAnswer = z.infer<typeof slowAnswer> & {
  /** Of pg_control; null where the role may not read it. */
  readonly control: z.infer<typeof controlAnswer> | null
}

function slowStatement(versionNumber: number): string {
  return `select json_build_object(
  'slots', (
     select json_agg(json_build_object('slotName', slot_name, 'isActive', active, 'isLogical', slot_type = 'logical',
       'retainedBytes', pg_wal_lsn_diff(p, restart_lsn)::bigint,
       'walStatus', ${versionNumber >= 130_000 ? 'wal_status' : 'null::text'}))
     from (select * from pg_replication_slots order by restart_lsn limit 64) as slots,
     (select ${endOfLog('pg_is_in_recovery()')} as p) as here),
  'archiver', (
     select json_build_object(
       'isEnabled', current_setting('archive_mode') = 'always'
                    or current_setting('archive_mode') = 'on' and not pg_is_in_recovery(),
       'isFailing', coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false),
       'lastArchivedMs', ${msOf('last_archived_time')}, 'lastFailedMs', ${msOf('last_failed_time')})
     from pg_stat_archiver))`
}

/** A standby's checkpoints tell its timeline late, its recovery at once; both are here for where no receiver runs. */
const controlStatement = {
  name: 'pgherd_health_control',
  text: `select json_build_object('systemIdentifier', system_identifier::text,
    'timeline', greatest(timeline_id, min_recovery_end_timeline))
    from pg_control_system(), pg_control_checkpoint(), pg_control_recovery()`,
}

/** @throws PgherdError as `askJson` */
export async function askSlow({ link, facts }: ServerLink): Promise<SlowAnswer> {
  const statement = { name: 'pgherd_health_slow', text: slowStatement(facts.versionNumber) }
  const [answer, control] = await Promise.all([
    askJson(link, statement, slowAnswer),
    askJson(link, controlStatement, controlAnswer).catch((error: unknown) => {
      if (error instanceof PgherdError && error.code === 'PROBE_FAILED') return null
      throw error
    }),
  ])
  return { ...answer, control }
}
