import type { BackupPolicy } from '../../../common/backup/backup-policy.ts'
import { messageOf } from '../../../common/errors.ts'
import { localFile } from '../../../common/local-file.ts'
import { readPolicies } from './read-policy.ts'
import type { ReadPolicies } from './read-policy.ts'
import { readSecrets } from './secret-files.ts'
import { sharedPlaces } from './shared-places.ts'
import type { PolicyFacts } from './with-defaults.ts'

/**
 * Reads a policy file and looks at the files with secrets that it names. Whoever can write it decides where backups go and what SQL a
 * drill runs, so only root and this program's user may.
 * @param clusters - those of this host; the file may have others as well, whose secrets are elsewhere
 * @returns their policies, or one line for each mistake; undefined when there is no such file
 */
export async function loadPolicies(
  path: string,
  clusters: readonly string[],
  facts: PolicyFacts,
): Promise<ReadPolicies | undefined> {
  const file = localFile(path, process.getuid?.() ?? 0)
  if ((await file.stamp()) === undefined) return undefined
  let text: string
  try {
    text = await file.read()
  } catch (error) {
    return { problems: [messageOf(error)] }
  }
  // A path that was read with U+FFFD in it is another path.
  if (text.includes('\uFFFD')) return { problems: [`${path}: has bytes that are not UTF-8; allowed: UTF-8`] }
  const read = readPolicies(text, path, facts)
  if (read.policies === undefined) return read
  const policies = new Map([...read.policies].filter(([cluster]) => clusters.includes(cluster)))
  const own = [...policies.values()]
  const problems = [...sharedPlaces(own), ...(await secretProblems(own))]
  return problems.length > 0 ? { problems: problems.map((one) => `${path}: ${one}`) } : { policies }
}

async function secretProblems(policies: readonly BackupPolicy[]): Promise<readonly string[]> {
  const all = await Promise.all(policies.map(readSecrets))
  return all.flatMap(({ problems }) => problems ?? [])
}
