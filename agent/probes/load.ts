import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PgherdError, messageOf } from '../../common/errors.ts'
import type { ProbeDefinition } from './definition.ts'
import { parseProbes } from './parse.ts'

/** The probes that come with the agent. */
export const catalogueDirectory = fileURLToPath(new URL('catalogue', import.meta.url))

/** Priorities below are the user's to give; files then follow in the order of their names. */
const firstPriority = 100

/**
 * Reads every .yml and .yaml file of a directory (not of those below it) in the order of their names; a branch
 * of a later file replaces one of the same name.
 * @throws PgherdError PROBE_INVALID with every problem found, one per line
 */
export async function loadProbes(
  directory: string = catalogueDirectory,
): Promise<readonly ProbeDefinition[]> {
  const byBranch = new Map<string, ProbeDefinition>()
  const problems: string[] = []
  for (const [rank, file] of (await probeFiles(directory)).entries()) {
    const parsed = parseProbes(await read(join(directory, file)), file, firstPriority + rank)
    problems.push(...parsed.problems)
    for (const probe of parsed.probes) byBranch.set(probe.branch, probe)
  }
  if (problems.length === 0 && byBranch.size === 0) problems.push(`${directory}: holds no probe`)
  if (problems.length > 0) {
    throw new PgherdError('PROBE_INVALID', problems.join('\n'), { details: { directory, problems } })
  }
  return [...byBranch.values()]
}

async function probeFiles(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).filter((file) => /\.ya?ml$/.test(file)).sort()
  } catch (error) {
    throw unreadable(directory, error)
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
