import { isUtf8 } from 'node:buffer'
import { open } from 'node:fs/promises'
import type { BackupPolicy, RepositoryPolicy } from '../../../common/backup/backup-policy.ts'
import { messageOf } from '../../../common/errors.ts'
import { isOpenToOthers } from '../../../common/open-to-others.ts'

/** What a repository's configuration needs and the policy has only the files of; null where it needs none. */
export interface RepositorySecrets {
  readonly cipherPass: string | null
  readonly key: string | null
  readonly keySecret: string | null
}

export type ReadSecrets =
  | { readonly secrets: readonly RepositorySecrets[]; readonly problems?: never }
  | { readonly secrets?: never; readonly problems: readonly string[] }

const maxBytes = 4_096

/**
 * Reads the secrets of a policy's repositories, in their order, and looks at the key of its TLS certificate.
 * @returns them, or one line for each file that cannot be used, without what is in it
 */
export async function readSecrets(policy: BackupPolicy): Promise<ReadSecrets> {
  const problems: string[] = []
  const at = (key: string): string => `clusters.${policy.cluster}.${key}`
  const secret = async (key: string, path: string | null): Promise<string | null> => {
    if (path === null) return null
    const read = await readSecret(path)
    if (read.problem === undefined) return read.secret
    problems.push(`${at(key)}: ${path} ${read.problem}`)
    return null
  }
  const secrets: RepositorySecrets[] = []
  for (const [i, one] of policy.repositories.entries()) {
    const { key, keySecret } = keyFilesOf(one)
    secrets.push({
      cipherPass: await secret(`repositories[${i}].cipher_pass_file`, one.cipherPassFile),
      key: await secret(`repositories[${i}].key_file`, key),
      keySecret: await secret(`repositories[${i}].key_secret_file`, keySecret),
    })
  }
  const access = policy.primaryAccess
  if (access !== null && (await isOpenToOthers(access.keyFile))) {
    problems.push(`${at('primary_access.key_file')}: ${access.keyFile} ${openText}`)
  }
  return problems.length > 0 ? { problems } : { secrets }
}

function keyFilesOf(one: RepositoryPolicy): { key: string | null; keySecret: string | null } {
  return one.kind === 's3'
    ? { key: one.keyFile, keySecret: one.keySecretFile }
    : { key: null, keySecret: null }
}

const openText = 'may be read by others than its owner; allowed: mode 0600 or 0400'

type ReadSecret =
  | { readonly secret: string; readonly problem?: never }
  | { readonly secret?: never; readonly problem: string }

/** The only line of a file, without the line's end. */
async function readSecret(path: string): Promise<ReadSecret> {
  if (await isOpenToOthers(path)) return { problem: openText }
  let text: string
  try {
    await using file = await open(path)
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxBytes + 1), 0, maxBytes + 1, 0)
    if (bytesRead > maxBytes) return { problem: `is too long; allowed: ${maxBytes} bytes` }
    const bytes = buffer.subarray(0, bytesRead)
    // It would be encrypted with another pass than whoever restores by hand reads from this file.
    if (!isUtf8(bytes)) return { problem: 'has bytes that are not UTF-8; allowed: one line of UTF-8' }
    text = bytes.toString('utf8').replace(/\r?\n$/, '')
  } catch (error) {
    return { problem: `cannot be read: ${messageOf(error)}` }
  }
  if (text === '') return { problem: 'is empty' }
  if (/\p{Cc}/u.test(text)) return { problem: 'has more than one line, or characters that nobody can type' }
  // pgBackRest drops them, and would encrypt with another pass than this one.
  if (text !== text.trim()) return { problem: 'begins or ends with a blank' }
  return { secret: text }
}
