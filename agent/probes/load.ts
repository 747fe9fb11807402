import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { ProbeDefinition } from './definition.ts'
import { parseProbes } from './parse.ts'

/** The probes that come with the agent. */
export const catalogueDirectory = fileURLToPath(new URL('catalogue', import.meta.url))

/** Priorities below are the user's to give; files then follow in the order of their names. */
const firstPriority = 100

/**
 * Reads probe files: of a directory every .yml and .yaml file (not those below it) in the order of their names. A
 * branch of a later file replaces one of the same name.
 * @param paths files and directories, in order; the agent's own catalogue unless told
 * @throws PgherdError PROBE_INVALID with every problem found, one per line
 */
export async function loadProbes(...paths: readonly string[]): Promise<readonly ProbeDefinition[]> {
  const byBranch = new Map<string, ProbeDefinition>()
  const problems: string[] = []
  const given = paths.length === 0 ? [catalogueDirectory] : paths
  const files = (await Promise.all(given.map(probeFiles))).flat()
  for (const [rank, { path, name }] of files.entries()) {
    const parsed = parseProbes(await read(path), name, firstPriority + rank)
    problems.push(...parsed.problems)
    for (const probe of parsed.probes) byBranch.set(probe.branch, probe)
  }
  if (problems.length === 0 && byBranch.size === 0) problems.push(`${given.join(', ')}: holds no probe`)
  if (problems.length > 0) {
    throw new PgherdError('PROBE_INVALID', problems.join('\n'), { details: { paths: given, problems } })
  }
  return [...byBranch.values()]
}

interface ProbeFile {
  readonly path: string
  /** For messages. */
  readonly name: string
}

async function probeFiles(path: string): Promise<readonly ProbeFile[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [{ path, name: basename(path) }]
    const names = (await readdir(path)).filter((file) => /\.ya?ml$/.test(file)).sort()
    return names.map((name) => ({ path: join(path, name), name }))
  } catch (error) {
    throw unreadable(path, error)
  }
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    throw unreadable(file, error)
  }
}

function unreadable(path: string, error: unknown): PgherdError {
  return new PgherdError('PROBE_INVALID', `${path}: cannot be read: ${messageOf(error)}`, { cause: error })
}
