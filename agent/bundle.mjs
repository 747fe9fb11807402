import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))

/** What the bundle is made of and by. */
const inputs = ['agent', 'common', 'package-lock.json', 'setup/agent-bundle.mjs']

/** Where `npm run agent:build` writes the agent as one file of plain JavaScript (docs/decisions/0010). */
export function bundleFile(root = repository) {
  return join(root, 'agent/dist/agent.mjs')
}

/**
 * Whether the bundle is there and nothing it is made of has changed since. In a package that comes without sources
 * nothing can have changed.
 */
export function bundleIsFresh(root = repository) {
  const builtAt = statSync(bundleFile(root), { throwIfNoEntry: false })?.mtimeMs
  return builtAt !== undefined && inputs.every((input) => newest(join(root, input)) <= builtAt)
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
