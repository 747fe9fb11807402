import type { EngineRun } from '../engine.ts'
import { logged, repositoryOption } from './ask-engine.ts'
import { classify } from './classify.ts'
import { runEngine } from './run-engine.ts'
import type { EngineProgram } from './run-engine.ts'

/** @returns the labels that went, or would go; @throws BackupFailure, PgherdError CANCELLED */
export async function expire(
  program: EngineProgram,
  run: EngineRun & { readonly isDryRun: boolean },
): Promise<readonly string[]> {
  const labels = new Set<string>()
  const dry = run.isDryRun ? ['--dry-run'] : []
  const args = ['expire', ...dry, ...repositoryOption(run.repository), ...logged('info')]
  const answer = await runEngine(program, args, {
    ...run,
    onLine(line) {
      const label = /\bremove expired backup (\S+)/.exec(line)?.[1]
      if (label !== undefined) labels.add(label)
    },
  })
  if (answer.status !== 0) throw classify('expire', answer, program)
  return [...labels].sort()
}
