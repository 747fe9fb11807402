import { messageOf } from '../../../common/errors.ts'
import { BackupFailure } from '../backup-failure.ts'
import type { EngineFindings, EngineRun } from '../engine.ts'
import type { ArchiveLister } from './archive-listing.ts'
import { logged } from './ask-engine.ts'
import { askInfo } from './ask-info.ts'
import type { RepositoryInfo } from './ask-info.ts'
import { classify } from './classify.ts'
import { lookAtRepository } from './look-at-repository.ts'
import type { RepositoryLook } from './look-at-repository.ts'
import { badFiles } from './make-backup.ts'
import { runEngine } from './run-engine.ts'
import type { EngineProgram } from './run-engine.ts'
import { createVerifyReader } from './verify-output.ts'
import type { VerifyOutput } from './verify-output.ts'
import { describeGap } from './wal-continuity.ts'

type Findings = EngineFindings['problems']

/**
 * Reads every file of the repositories, one after the other, and compares checksums; then looks for what pgBackRest's verify does
 * not tell: gaps in the archive, segments that are there twice, backups of damaged pages.
 * @throws BackupFailure when pgBackRest cannot be asked at all, PgherdError CANCELLED
 */
export async function verify(
  program: EngineProgram,
  lister: ArchiveLister,
  run: EngineRun,
): Promise<EngineFindings> {
  const infos = await askInfo(program, run)
  const problems: Findings[number][] = []
  const summaries: string[] = []
  for (const info of infos) {
    const { repository } = info
    const name = `repository ${repository}`
    if (info.problem !== null) {
      problems.push({ problem: info.problem, text: info.reason })
      continue
    }
    run.progress?.(null, `reads all of ${name}`, null)
    const output = await readAll(program, repository, run)
    run.progress?.(null, `looks for gaps in ${name}`, null)
    const look = await lookAtRepository(info, lister, { signal: run.signal, isFresh: true })
    problems.push(...readProblems(name, output), ...lookProblems(name, look))
    problems.push(...(await pageProblems(program, info, run)))
    summaries.push(
      `${name}: ${output.backups} backups with ${output.files} files, ${output.wal} segments of WAL`,
    )
  }
  return { problems, summary: summaries.length === 0 ? 'nothing could be read' : summaries.join('; ') }
}

async function readAll(program: EngineProgram, repository: number, run: EngineRun): Promise<VerifyOutput> {
  const reader = createVerifyReader()
  const args = ['verify', '--output=text', '--verbose', `--repo=${repository}`, ...logged('info')]
  const answer = await runEngine(program, args, { ...run, onLine: (line) => reader.take(line) })
  if (answer.status !== 0) throw classify('verify', answer, program)
  return reader.end()
}

function readProblems(name: string, { isOk, faults, examples }: VerifyOutput): Findings {
  if (isOk && faults.length === 0) return []
  const first = examples.length === 0 ? '' : `: ${examples.slice(0, 5).join(', ')}`
  const what = faults.length === 0 ? 'pgBackRest could not verify it' : faults.join('; ')
  return [{ problem: 'checksum', text: `${name}: ${what}${first}` }]
}

function lookProblems(
  name: string,
  { archive, continuity, info, problem, reason }: RepositoryLook,
): Findings {
  const reached = new Set(continuity.runs.flatMap(({ sets }) => sets.map(({ label }) => label)))
  const lost = info.sets
    .filter(({ set }) => set.walStart !== null && !reached.has(set.label))
    .map(({ set }) => set.label)
  return [
    ...(problem === null ? [] : [{ problem, text: reason }]),
    ...continuity.gaps.map((gap) => ({
      problem: 'archive-gap' as const,
      text: `${name}: ${gap.count === 1 ? 'a segment of WAL is' : `${gap.count} segments of WAL are`} missing: ${describeGap(gap)}`,
    })),
    ...(lost.length === 0 || problem !== null
      ? []
      : [
          {
            problem: 'archive-gap' as const,
            text: `${name}: cannot be restored, for lack of WAL: ${lost.join(', ')}`,
          },
        ]),
    ...archive.twice.map((segment) => ({
      problem: 'archive-gap' as const,
      text: `${name}: segment ${segment} is there twice, with different content`,
    })),
  ]
}

async function pageProblems(program: EngineProgram, info: RepositoryInfo, run: EngineRun): Promise<Findings> {
  const { repository } = info
  const found: Findings[number][] = []
  for (const { set } of info.sets.filter((one) => one.set.hasErrors)) {
    let files: string
    try {
      files = (await badFiles(program, set.label, { signal: run.signal, repository })).slice(0, 5).join(', ')
    } catch (error) {
      if (!(error instanceof BackupFailure) || run.signal.aborted) throw error
      files = messageOf(error)
    }
    const text = `repository ${repository}: backup ${set.label} has pages that failed their checksum on the server: ${files}`
    found.push({ problem: 'checksum', text })
  }
  return found
}
