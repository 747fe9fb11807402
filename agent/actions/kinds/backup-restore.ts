import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action } from '../action.ts'
import { dayMs, repositoryArgs, targetArgs } from '../backup/args.ts'
import { planWork, runWork } from '../backup/backup-work.ts'
import type { BackupControls, BackupRequest } from '../backup/controls.ts'

const args = z.strictObject({
  into: z
    .string()
    .regex(/^\/[^\0]*$/, 'is no absolute path; allowed: one such as /data/restored')
    .max(1024)
    .describe('an absolute directory of this host that is empty or is not there'),
  ...targetArgs,
  exclusive: z.boolean().optional().describe('just before the target'),
  set: z.string().max(256).optional().describe("a backup's label; the last before the target unless told"),
  ...repositoryArgs,
})
type Args = z.infer<typeof args>

export const backupRestore = (controls: BackupControls | undefined): Action<Args> => ({
  kind: 'backup-restore',
  what: 'restore into an empty directory to a point in time, and prove that the point was reached',
  risk: 'change',
  target: 'node',
  args,
  deadlineMs: dayMs,
  mayBeLeft: 'the next start of the agent ends the server that proved the point, and removes the directory',
  examples: ["run backup-restore -n pg-main-2 into=/data/restored time='2026-11-23 10:00:00+00'"],
  plan: (context, given) => planWork(controls, context, given, requestOf(given)),
  run: (context, given) => runWork(controls, context, given, requestOf(given)),
})

/** @throws PgherdError BAD_REQUEST for more than one target */
function requestOf({ into, set, repository, ...target }: Args): BackupRequest {
  const named = (['time', 'xid', 'lsn', 'name', 'immediate'] as const).filter(
    (key) => target[key] !== undefined && target[key] !== false,
  )
  if (named.length > 1) {
    throw new PgherdError('BAD_REQUEST', `${named.join(' and ')}: one target at most`)
  }
  return { operation: 'restore', into, set, repository, target }
}
