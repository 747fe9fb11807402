import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { npmCommand, run } from './command.mjs'
import { explainNpm } from './npm-failure.mjs'
import { withProgress } from './progress.mjs'
import { refuse, repository } from './repository.mjs'

/** Makes node_modules what package-lock.json says; at once when it already is. */
export async function installPackages() {
  if (areInstalled()) return
  const { ok, output } = await withProgress('installing packages', oneAtATime)
  if (!ok) refuse(`the packages cannot be installed: ${explainNpm(output)}`)
}

/**
 * Two installations at once, say of a demo and of tests started in two terminals, would pull node_modules away
 * under each other, as would one that outlived its parent. The kernel keeps the lock until the last process of
 * an installation is gone. A machine without flock(1) does without.
 */
function oneAtATime() {
  const installation = [process.execPath, fileURLToPath(import.meta.url)]
  const lock = `${repository}.cache/installation`
  mkdirSync(`${repository}.cache`, { recursive: true })
  const [command, ...args] = hasFlock() ? ['flock', lock, ...installation] : installation
  return run(command, args)
}

function hasFlock() {
  const directories = (process.env.PATH ?? '/usr/bin:/bin').split(':')
  return directories.some((directory) => existsSync(`${directory}/flock`))
}

function areInstalled() {
  // npm writes its own record at the very end, so an interrupted installation has none.
  const recorded = changedAt('node_modules/.package-lock.json')
  // Node itself is brought by an installation script, which npm may have been told to ignore.
  const complete = recorded !== undefined && existsSync(`${repository}node_modules/.bin/node`)
  return complete && recorded >= changedAt('package-lock.json')
}

function changedAt(file) {
  return statSync(`${repository}${file}`, { throwIfNoEntry: false })?.mtimeMs
}

// Started as a program, below the lock: what was missing before may have been installed while we waited.
if (process.argv[1] === fileURLToPath(import.meta.url) && !areInstalled()) {
  const [command, args] = npmCommand([
    'ci',
    // Everything is needed, whatever NODE_ENV or npm's own settings say about development packages.
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
    '--no-audit',
    '--no-fund',
  ])
  // In our process group, where the signals of whoever started us reach it.
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' })
  if (error !== undefined) console.error(error.message)
  process.exitCode = status ?? 1
}
