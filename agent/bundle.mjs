import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))

/** What the bundle is made of and by. */
const inputs = ['agent', 'common', 'package-lock.json', 'setup/agent-bundle.mjs']

/** Where `npm run agent:build` writes the agent as one file of plain JavaScript (docs/decisions/0010). */
export function bundleFile(root = repository) {
  return join(root, 'agent/dist/agent.mjs')
}

/** The last line of a bundle. A copy that broke off lacks it; an empty one would start and do nothing. */
export const bundleEnd = '\n// This is all of the agent.\n'

/**
 * Whether the bundle is there, whole, and nothing it is made of has changed since. In a package that comes without sources
 * nothing can have changed.
 */
export function bundleIsFresh(root = repository) {
  const file = bundleFile(root)
  const stats = statSync(file, { throwIfNoEntry: false })
  if (stats === undefined || inputs.some((input) => newest(join(root, input)) > stats.mtimeMs)) return false
  return endOf(file, stats.size) === bundleEnd
}

/**
 * @param {string} path
 * @param {number} size
 */
function endOf(path, size) {
  const end = Buffer.alloc(bundleEnd.length)
  let file
  try {
    file = openSync(path, 'r')
    return end.toString('latin1', 0, readSync(file, end, 0, end.length, Math.max(0, size - end.length)))
  } catch {
    // What cannot be read cannot be started either.
    return ''
  } finally {
    if (file !== undefined) closeSync(file)
  }
}

/**
 * The time of the last change in a file or folder; in a folder also of what was added or removed.
 * @param {string} path
 */
function newest(path) {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats?.isDirectory() !== true) return stats?.mtimeMs ?? 0
  const inside = readdirSync(path).filter((name) => name !== 'dist')
  return Math.max(stats.mtimeMs, ...inside.map((name) => newest(join(path, name))))
}
