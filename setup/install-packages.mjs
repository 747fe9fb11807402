import { statSync } from 'node:fs'
import { npm } from './command.mjs'
import { withProgress } from './progress.mjs'
import { refuse, repository } from './repository.mjs'

/** Makes node_modules what package-lock.json says; at once when it already is. */
export async function installPackages() {
  // npm writes its own record at the very end, so an interrupted installation has none.
  const recorded = changedAt('node_modules/.package-lock.json')
  if (recorded !== undefined && recorded >= changedAt('package-lock.json')) return
  const { ok, output } = await withProgress('installing packages', () =>
    // Everything is needed, whatever NODE_ENV or npm's own settings say about development packages.
    npm(['ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund']),
  )
  // npm explains itself first and then prints its manual.
  if (!ok) refuse(`npm ci failed:\n${output.split('\n').slice(0, 8).join('\n')}`)
}

function changedAt(file) {
  return statSync(`${repository}${file}`, { throwIfNoEntry: false })?.mtimeMs
}
