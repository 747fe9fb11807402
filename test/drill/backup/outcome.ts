import { writeFileSync } from 'node:fs'
import type { ArchivingPostgres } from '../../../testbed/backup/pgbackrest.ts'
import type { PgBackRestRun } from '../../../testbed/backup/run-pgbackrest.ts'
import { printFixture } from '../../agent/backup/fixture.ts'

/** What a run ended with, as far as it is the same every time. */
export interface Outcome {
  /** Exit status. */
  readonly status: number | undefined
  /** The lines that say what is wrong, without the causes and hints below them. */
  readonly says: readonly string[]
  readonly seconds: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, however long that takes; with a name, what it said is kept as a fixture when asked for. */
export async function outcomeOf(
  lab: ArchivingPostgres,
  args: readonly string[],
  fixture?: string,
): Promise<Outcome> {
  const run = await lab.run(args, { timeoutMs: 400_000 })
  if (fixture !== undefined) keepFixture(lab, args, run, fixture)
  return summary(lab, run)
}

export function summary(lab: ArchivingPostgres, run: PgBackRestRun): Outcome {
  const stdout = withoutPaths(lab, run.stdout)
  const stderr = withoutPaths(lab, run.stderr)
  return {
    status: run.status,
    says: stderr.split('\n').filter((line) => /^(ERROR|WARN)/.test(line)),
    seconds: run.ms / 1000,
    stdout,
    stderr,
  }
}

/** Into the fixtures of the classification, with `PGHERD_FIXTURES=write`. */
export function keepFixture(
  lab: ArchivingPostgres,
  args: readonly string[],
  { status = -1, ms, stdout, stderr }: PgBackRestRun,
  name: string,
): void {
  if (process.env['PGHERD_FIXTURES'] !== 'write') return
  const file = new URL(`../../agent/backup/fixtures/${name}.txt`, import.meta.url)
  const command = withoutPaths(lab, args.join(' '))
  const text = printFixture({ command, status, ms, stdout, stderr })
  writeFileSync(file, withoutPaths(lab, text))
}

/** The same on every machine: paths of this run relative, and its port a word. */
export function withoutPaths({ directory, postgres, repositories }: ArchivingPostgres, text: string): string {
  const paths: readonly (readonly [string, string])[] = [
    ...repositories.map(({ key, path }) => [path, `repository-${key}`] as const),
    [postgres.dataDirectory, 'data'],
    [postgres.socketDirectory, 'socket'],
    [directory, 'backup'],
  ]
  const shorter = paths.reduce((rest, [path, name]) => rest.replaceAll(path, name), text)
  return shorter.replaceAll(/\/tmp\/pgherd-(\w+)-\w+/g, '$1').replaceAll(/(127\.0\.0\.1:)\d+/g, '$1PORT')
}
