import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/** Signals closer together than this are one keypress, delivered by the terminal and by npm. */
const oneKeypressMs = 1_000

/**
 * Runs a command to its end with its output collected, so that only a failure is shown. A signal to us goes on
 * to the command and all it started, and ends us only when they have ended: npm takes back what it did by half,
 * and whoever tries again at once must not meet it there. A second signal does not wait.
 * @param {string} command
 * @param {readonly string[]} args
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args) {
  return new Promise((resolve) => {
    let interruption
    const interrupt = (signal) => {
      if (interruption === undefined) {
        interruption = { signal, at: performance.now() }
        process.stderr.write('\nstopping; the same again does not wait\n')
      }
      const impatient = performance.now() - interruption.at > oneKeypressMs
      signalGroup(child.pid, impatient ? 'SIGKILL' : signal)
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
    // Before the command is there: it may run, and be seen to run, before spawn() returns.
    for (const signal of signals) process.on(signal, interrupt)
    // A process group of its own, so that a signal reaches all of it, once.
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    const end = (outcome) => {
      for (const signal of signals) process.off(signal, interrupt)
      // The shell's convention for a program that a signal ended.
      if (interruption !== undefined) process.exit(128 + constants.signals[interruption.signal])
      resolve(outcome)
    }
    const parts = []
    child.stdout.on('data', (part) => parts.push(part))
    child.stderr.on('data', (part) => parts.push(part))
    child.on('error', (error) => end({ ok: false, output: error.message }))
    child.on('close', (status) => {
      end({ ok: status === 0, output: Buffer.concat(parts).toString('utf8').trim() })
    })
  })
}

function signalGroup(pid, signal) {
  if (pid === undefined) return
  try {
    process.kill(-pid, signal)
  } catch {
    // It has just ended.
  }
}

/**
 * The command that runs npm: the one that started us if any, else the one on PATH.
 * @param {readonly string[]} args
 * @returns {readonly [string, readonly string[]]}
 */
export function npmCommand(args) {
  const self = process.env.npm_execpath
  return self?.endsWith('npm-cli.js') ? [process.execPath, [self, ...args]] : ['npm', args]
}

/**
 * Runs npm to its end, as `run` does.
 * @param {readonly string[]} args
 */
export function npm(args) {
  return run(...npmCommand(args))
}
