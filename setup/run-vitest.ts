import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { outcome, outcomeVariable } from './outcome.ts'
import type { Outcome } from './outcome.ts'

const vitest = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url))
const reporter = fileURLToPath(new URL('outcome-reporter.ts', import.meta.url))

/** Runs one Vitest project with its own output on the terminal; a run without a result is one failure. */
export async function runVitest(project: string, args: readonly string[]): Promise<Outcome> {
  const directory = mkdtempSync(join(tmpdir(), 'pgherd-test-'))
  const file = join(directory, 'outcome.json')
  const child = spawn(
    process.execPath,
    [vitest, 'run', '--project', project, '--reporter=default', `--reporter=${reporter}`, ...args],
    { stdio: 'inherit', env: { ...process.env, [outcomeVariable]: file } },
  )
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of signals) process.on(signal, forward)
  try {
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    const result = read(file)
    const consistent = result !== undefined && (status === 0 || result.failed > 0)
    return consistent ? result : { passed: 0, retried: [], skipped: [], ...result, failed: 1 }
  } finally {
    for (const signal of signals) process.off(signal, forward)
    rmSync(directory, { recursive: true, force: true })
  }
}

function read(file: string): Outcome | undefined {
  try {
    return outcome.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined
  }
}
