import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { refuse, repository } from './repository.mjs'

const binaries = `${repository}node_modules/.bin`
const node = `${binaries}/node`

/** Who started us. Known from the beginning: later it may be gone and somebody else in its place. */
const parent = process.ppid

/** The oldest Node that runs TypeScript without a flag or a warning. */
const oldest = [24, 12]

/** Refuses to go on when the Node that comes as a package cannot run. */
export function checkOwnNode() {
  const answer = spawnSync(node, ['--version'], { encoding: 'utf8' })
  if (answer.error !== undefined || answer.status !== 0) {
    const musl = process.report.getReport().header.glibcVersionRuntime === undefined
    refuse(
      musl
        ? 'needs a Linux with glibc; this one (Alpine?) has another C library'
        : `${node} does not run (${answer.error?.message ?? answer.stderr.trim()}); if npm is told to ignore install scripts, run: npm ci --ignore-scripts=false`,
    )
  }
  const [major, minor] = answer.stdout.trim().slice(1).split('.').map(Number)
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    refuse(`${node} is ${answer.stdout.trim()}, but ${oldest.join('.')} is needed; run: npm ci`)
  }
}

/**
 * Runs a program until it ends, and ends as it did. Signals go on to it, and it stops when we are gone; so
 * that whatever is killed (the terminal, npm, this process), nothing keeps running.
 * @param {string} program
 * @param {readonly string[]} args
 */
export async function runOnOwnNode(program, args) {
  const child = spawn(
    node,
    ['--import', new URL('./end-with-parent.mjs', import.meta.url).href, program, ...args],
    {
      stdio: 'inherit',
      env: {
        ...environment(),
        PATH: `${binaries}:${process.env.PATH ?? '/usr/bin:/bin'}`,
        NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? `${repository}.cache/compile`,
      },
    },
  )
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  const watch = setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 500)
  const [status, signal] = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (...ending) => resolve(ending))
  })
  clearInterval(watch)
  // The shell's convention for a program that a signal ended.
  process.exitCode = status ?? 128 + constants.signals[signal]
}

/**
 * Ours without the variables that libpq and its like take defaults from: the servers here are our own, and what
 * is set for another (PGSSLMODE, PGOPTIONS) would go to them too.
 */
function environment() {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !name.startsWith('PG') || name.startsWith('PGHERD_')),
  )
}
