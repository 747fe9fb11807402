import { createLineSplitter } from '../engine/line-splitter.ts'
import { createRate } from '../engine/rate.ts'
import { runGroup } from '../engine/run-group.ts'
import type { EngineRun } from '../engine.ts'
import { classify } from './classify.ts'
import { connectionEnvironment } from './connection-environment.ts'
import type { BasebackupProgram } from './find-program.ts'
import type { BasebackupOptions } from './options.ts'

/** `  12345/67890 kB (18%), 0/1 tablespace`, once a second. */
const progressLine = /^\s*(\d+)\/(\d+) kB \((\d+)%\)/
const mostLines = 200

/**
 * Runs pg_basebackup to its end.
 * @returns undefined when all is well, or what the server said of pages that failed their checksum: then there is no whole backup
 * @throws BackupFailure, PgherdError CANCELLED
 */
export async function runBasebackup(
  program: BasebackupProgram,
  args: readonly string[],
  options: BasebackupOptions,
  run: EngineRun,
): Promise<readonly string[] | undefined> {
  const { nice, user, clock, patienceMs, way } = options
  const said: string[] = []
  const rateOf = createRate(clock)
  const lines = createLineSplitter((line) => {
    const [, done, , percent] = progressLine.exec(line) ?? []
    if (done !== undefined) {
      run.progress?.(Math.min(100, Number(percent)), 'full backup', rateOf(Number(done) * 1024))
    } else if (line.trim() !== '') {
      // The first ones tell the cause and the last one what became of it.
      if (said.length === mostLines) said.pop()
      said.push(line.trim().slice(0, 2_000))
    }
  })
  const end = await runGroup(
    { command: [program.path], nice, user: user ?? undefined, clock, patienceMs },
    args,
    {
      ...run,
      what: 'pg_basebackup',
      environment: await connectionEnvironment(way),
      onOutput: () => undefined,
      onErrors: (part) => lines.take(part),
    },
  )
  lines.end()
  if (end.status === 0) return undefined
  if (said.some((line) => line.endsWith('error: checksum error occurred'))) {
    const ofServer = said.filter((line) => !/^(pg_basebackup|NOTICE):/.test(line))
    return ofServer.length > 0 ? ofServer : ['pages failed their checksum']
  }
  throw classify(end, said)
}
