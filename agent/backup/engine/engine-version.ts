import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { basicEnvironment } from './run-group.ts'

const run = promisify(execFile)
const timeoutMs = 10_000

/** Such as `2.45`; null where pgBackRest is not installed, or cannot be started as it is told. */
export async function engineVersion(command: readonly string[]): Promise<string | null> {
  const [file = '', ...before] = command
  try {
    const { stdout } = await run(file, [...before, 'version'], { timeout: timeoutMs, env: basicEnvironment })
    return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? null
  } catch {
    return null
  }
}
