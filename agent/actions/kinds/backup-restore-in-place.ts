import { z } from 'zod'
import { PgherdError } from '../../../common/errors.ts'
import type { Action, Noted } from '../action.ts'
import { dayMs, repositoryArgs, targetArgs } from '../backup/args.ts'
import { clusterOf } from '../backup/controls.ts'
import type { BackupControls, InPlaceRequest } from '../backup/controls.ts'
import { withManager } from '../backup/patroni-manager.ts'
import { resumeAndMend, resumeAndRebuild, resumeAndTell } from '../backup/rebuild-replicas.ts'
import type { PatroniAccess } from '../patroni/access.ts'

const args = z.strictObject({
  ...targetArgs,
  latest: z.boolean().optional().describe('the end of the archived log'),
  exclusive: z.boolean().optional().describe('just before the target'),
  set: z.string().max(256).optional().describe("a backup's label; the last before the target unless told"),
  scope: z.string().max(128).optional().describe("Patroni's name of the cluster, where the host has several"),
  ...repositoryArgs,
})
type Args = z.infer<typeof args>

/** Also of what is undone: which Patroni it was, and whether it is to be resumed. */
const notedPause = z.object({
  scope: z.string().nullable(),
  wasPaused: z.boolean(),
  /** The restored server is known to be good: nothing is put back any more. */
  isDone: z.boolean(),
  /** Rebuilding the replicas has failed or was cancelled, and the operator is told: it is his turn. */
  isToldOf: z.boolean().default(false),
})

export const backupRestoreInPlace = (
  controls: BackupControls | undefined,
  patronis: readonly PatroniAccess[],
): Action<Args> => ({
  kind: 'backup-restore-in-place',
  what: "restore the cluster itself to a point in time; the primary's data directory is kept aside",
  risk: 'destructive',
  target: 'node',
  args,
  deadlineMs: dayMs,
  mayBeLeft:
    'the next start of the agent puts the directory of before back and starts its server, or goes on where the restored one was known to be good',
  examples: ["run backup-restore-in-place -n pg-main-1 time='2026-11-23 10:00:00+00'"],
  plan(context, given) {
    const request = requestOf(given)
    const found = clusterOf(controls, given.cluster)
    return withManager(patronis, given.scope, context, async (patroni) => {
      const { signal } = context
      const manager = patroni?.manager
      return [
        ...(await found.controls.planInPlace(found.cluster, request, { manager, signal })),
        ...(patroni?.lines ?? []),
      ]
    })
  },
  run(context, given) {
    const request = requestOf(given)
    const found = clusterOf(controls, given.cluster)
    return withManager(patronis, given.scope, context, async (patroni) => {
      const pause = { scope: patroni?.scope ?? null, wasPaused: patroni?.wasPaused ?? false }
      let noted: Noted = {}
      const run = await found.controls.restoreInPlace(found.cluster, request, {
        askedBy: context.command,
        signal: context.signal,
        progress: (percent, text) => context.progress(percent, text),
        manager: patroni?.manager,
        mustUndo(of) {
          noted = { ...of, ...pause }
          return context.mustUndo(noted)
        },
      })
      if (run.outcome === 'cancelled') throw new PgherdError('CANCELLED', run.message)
      if (run.outcome !== 'done') {
        throw new PgherdError('COMMAND_FAILED', run.message, { details: { problem: run.problem } })
      }
      const rebuilt =
        patroni === undefined
          ? []
          : await resumeAndRebuild(context, patroni).catch(async (error: unknown) => {
              await context.mustUndo({ ...noted, isToldOf: true })
              throw error
            })
      return {
        message: `${run.message}.`,
        output: rebuilt.length === 0 ? [] : [{ type: 'text', title: 'Patroni', lines: [...rebuilt] }],
      }
    })
  },
  undo(context, given, noted) {
    const { scope, wasPaused, isDone, isToldOf } = notedPause.parse(noted)
    const found = clusterOf(controls, given.cluster)
    const undo = (manager?: Parameters<BackupControls['undoInPlace']>[1]['manager']) =>
      found.controls.undoInPlace(noted, { manager, signal: context.signal })
    if (scope === null) return undo()
    return withManager(patronis, scope, context, async (patroni) => {
      const said = await undo(patroni?.manager)
      if (patroni !== undefined && isDone) {
        return [said, ...(await resumeAndMend(context, { ...patroni, wasPaused }, !isToldOf))].join('; ')
      }
      if (patroni === undefined || wasPaused) return said
      return `${said}; ${await resumeAndTell(patroni)}`
    })
  },
})

/** Never the end of the log unless that is said. @throws PgherdError BAD_REQUEST for no target, or more than one */
function requestOf(given: Args): InPlaceRequest {
  const { set, repository, latest, time, xid, lsn, name, immediate, exclusive, timeline } = given
  const target = { time, xid, lsn, name, immediate, exclusive, timeline }
  const named = Object.entries({ time, xid, lsn, name, immediate, latest }).filter(
    ([, value]) => value !== undefined && value !== false,
  )
  if (named.length !== 1) {
    const what = named.length === 0 ? 'no target' : named.map(([key]) => key).join(' and ')
    throw new PgherdError('BAD_REQUEST', `${what}; allowed: one of time, xid, lsn, name, immediate, latest`)
  }
  return { target, set, repository }
}
