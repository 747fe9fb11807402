import { BackupFailure } from '../backup-failure.ts'
import type { EngineRun, TargetRequest } from '../engine.ts'
import type { ArchiveLister } from './archive-listing.ts'
import { askInfo } from './ask-info.ts'
import { checkTarget } from './check-target.ts'
import { chooseBackup } from './choose-backup.ts'
import type { ChosenBackup } from './choose-backup.ts'
import { lookAtRepository } from './look-at-repository.ts'
import type { EngineProgram } from './run-engine.ts'

/**
 * The last backup of all repositories from which the target can be reached, by what they list now; of two that ended at once that of
 * the first repository.
 * @throws BackupFailure target-unreachable or archive-gap, with the reason of each repository; PgherdError CANCELLED
 */
export async function choose(
  program: EngineProgram,
  lister: ArchiveLister,
  asked: TargetRequest,
  run: EngineRun,
): Promise<ChosenBackup> {
  checkTarget(asked.target, program.clock.now())
  const { signal } = run
  let chosen: ChosenBackup | undefined
  const refusals: { readonly problem: BackupFailure['problem']; readonly reason: string }[] = []
  for (const info of await askInfo(program, run)) {
    const look = await lookAtRepository(info, lister, { signal, isFresh: true })
    const { problem, reason } = look
    const found = problem === null ? chooseBackup(look, asked) : { problem, reason }
    if ('problem' in found) refusals.push(found)
    else if (chosen === undefined || found.set.finishedMs > chosen.set.finishedMs) chosen = found
  }
  if (chosen !== undefined) return chosen
  const problems = refusals.map(({ problem }) => problem)
  const told = (['archive-gap', 'target-unreachable'] as const).find((one) => problems.includes(one))
  throw new BackupFailure(
    told ?? problems[0] ?? 'target-unreachable',
    refusals.map(({ reason }) => reason).join('; ') || 'there is no backup',
  )
}
