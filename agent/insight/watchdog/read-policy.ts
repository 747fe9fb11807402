import { messageOf } from '../../../common/errors.ts'
import { readYaml } from '../../../common/config/yaml-records.ts'
import { localFile, readLocalFileNow } from '../../../common/local-file.ts'
import { policyFile } from './policy.ts'
import type { Policy } from './policy.ts'

export type ReadPolicy =
  | { readonly policy: Policy; readonly problems?: never }
  /** One line for each mistake: file, line, key, what it was, what is allowed. */
  | { readonly problems: readonly string[]; readonly policy?: never }

export function readPolicy(text: string, fileName: string): ReadPolicy {
  const read = readYaml(text, fileName, policyFile)
  return read.problems === undefined ? { policy: read.value } : { problems: read.problems }
}

/**
 * Whoever can write this file decides whose sessions end, so only root and this program's user may.
 * @returns undefined when there is no such file
 */
export async function loadPolicy(path: string, userId: number): Promise<ReadPolicy | undefined> {
  const file = localFile(path, userId)
  if ((await file.stamp()) === undefined) return undefined
  try {
    return readPolicy(await file.read(), path)
  } catch (error) {
    return { problems: [messageOf(error)] }
  }
}

/** What is wrong with a policy file, for a check before anything runs; one that is not there is told, because its path was given. */
export function problemsOfPolicyFile(path: string, userId: number): readonly string[] {
  try {
    const text = readLocalFileNow(path, userId)
    if (text === undefined) return [`${path}: there is no such file`]
    return readPolicy(text, path).problems ?? []
  } catch (error) {
    return [messageOf(error)]
  }
}
