import { closeSync, openSync, readSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('..', import.meta.url))

/** The modules that are started as threads: each has a file of its own beside its program's. */
const threadsOf = { agent: ['health-http/answer-thread.ts'], collector: [] }

/**
 * Where a program of ours is as one file of plain JavaScript, with another one for each of its threads, and whether that can be
 * started (docs/decisions/0010).
 * @param {'agent' | 'collector'} program
 */
export function bundleOf(program) {
  /** What the bundle is made of and by. */
  const inputs = [program, 'common', 'package-lock.json', 'setup/bundle-code.mjs', 'setup/write-bundle.mjs']
  /** The last line of each file. A copy that broke off lacks it; an empty one would start and do nothing. */
  const bundleEnd = `\n// This is all of the ${program}.\n`

  /** Where `npm run ${program}:build` writes the program. */
  const bundleFile = (root = repository) => join(root, `${program}/dist/${program}.mjs`)

  /**
   * What `npm run ${program}:build` writes and of what: the program is the last, so that it is only there when its threads are.
   */
  const bundleFiles = (root = repository) => [
    ...threadsOf[program].map((entry) => ({
      entry: join(root, program, entry),
      file: join(root, `${program}/dist/${basename(entry, '.ts')}.mjs`),
    })),
    { entry: join(root, program, 'main.ts'), file: bundleFile(root) },
  ]

  /**
   * Whether the bundle is there, whole, and nothing it is made of has changed since. In a package that comes without
   * sources nothing can have changed.
   */
  const bundleIsFresh = (root = repository) => {
    const changedMs = Math.max(...inputs.map((input) => newest(join(root, input))))
    return bundleFiles(root).every(({ file }) => {
      const stats = statSync(file, { throwIfNoEntry: false })
      if (stats === undefined || changedMs > stats.mtimeMs) return false
      return endOf(file, stats.size, bundleEnd.length) === bundleEnd
    })
  }
  return { bundleFile, bundleFiles, bundleIsFresh, bundleEnd }
}

/**
 * @param {string} path
 * @param {number} size
 * @param {number} length
 */
function endOf(path, size, length) {
  const end = Buffer.alloc(length)
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
