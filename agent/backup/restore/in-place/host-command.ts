import { spawn } from 'node:child_process'
import { toolEnvironment } from '../../drill/run-tool.ts'

const maxSaid = 4_000
/** What it has said last may arrive after its end. */
const lastWordsMs = 100

/**
 * A command of the configuration, as this program's own user. Its own end is waited for, and not that of a server that it has
 * started and that has its output still open.
 * @returns what it said. Its status is not judged: what it did is looked at
 */
export function runHostCommand(
  [program = '', ...args]: readonly string[],
  timeoutMs: number,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve) => {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    const child = spawn(program, args, {
      cwd: '/',
      env: toolEnvironment,
      signal: ended,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    const streams = [child.stdout, child.stderr]
    for (const stream of streams) {
      stream.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-maxSaid)))
    }
    const end = (how: string): void => {
      for (const stream of streams) stream.destroy()
      resolve(`${said.trim()}${how}`)
    }
    child.once('error', (error) => {
      end(` (${error.message})`)
    })
    child.once('exit', (status, name) => {
      const how = status === 0 ? '' : ` (it ended with ${name ?? `status ${status ?? '?'}`})`
      setTimeout(() => {
        end(how)
      }, lastWordsMs)
    })
  })
}
