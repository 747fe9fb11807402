import { execFile } from 'node:child_process'
import { toolEnvironment } from '../../drill/run-tool.ts'

/** A command of the configuration, as this program's own user. @returns what it said. Its status is not judged: what it did is looked at */
export function runHostCommand(
  [program = '', ...args]: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    execFile(
      program,
      args,
      { cwd: '/', timeout: timeoutMs, signal, env: toolEnvironment },
      (error, stdout, stderr) => {
        const failed = error === null ? '' : ` (${error.message})`
        resolve(`${stderr}${stdout}`.trim() + failed)
      },
    )
  })
}
