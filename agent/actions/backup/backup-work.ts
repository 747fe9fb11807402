import type { BackupRun } from '../../../common/backup/backup-run.ts'
import { PgherdError } from '../../../common/errors.ts'
import type { ActionContext, ActionDone } from '../action.ts'
import { clusterOf } from './controls.ts'
import type { BackupControls, BackupRequest } from './controls.ts'

/** The plan of one piece of backup work. */
export function planWork(
  controls: BackupControls | undefined,
  context: Pick<ActionContext, 'signal'>,
  given: { readonly cluster?: string | undefined },
  request: BackupRequest,
): Promise<readonly string[]> {
  const found = clusterOf(controls, given.cluster)
  return found.controls.plan(found.cluster, request, context.signal)
}

/** Does it, and answers how it ended. @throws PgherdError COMMAND_FAILED or CANCELLED with the run's own words */
export async function runWork(
  controls: BackupControls | undefined,
  context: ActionContext,
  given: { readonly cluster?: string | undefined },
  request: BackupRequest,
): Promise<ActionDone> {
  const found = clusterOf(controls, given.cluster)
  const run = await found.controls.run(found.cluster, request, {
    askedBy: context.command,
    signal: context.signal,
    progress: (percent, text) => context.progress(percent, text),
  })
  if (run.outcome === 'cancelled') throw new PgherdError('CANCELLED', run.message)
  if (run.outcome !== 'done') {
    throw new PgherdError('COMMAND_FAILED', run.message, { details: { problem: run.problem } })
  }
  return { message: run.message, output: [{ type: 'facts', title: 'The run', facts: factsOf(run) }] }
}

function factsOf(run: BackupRun): Readonly<Record<string, unknown>> {
  const { id, operation, label, repository, sizeBytes, storedBytes, recoveryMs, attempts } = run
  const durationMs = (run.finishedMs ?? run.startedMs) - run.startedMs
  return { id, operation, label, repository, sizeBytes, storedBytes, durationMs, recoveryMs, attempts }
}
