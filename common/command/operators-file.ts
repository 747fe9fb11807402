import { messageOf } from '../errors.ts'
import { parseOperatorKey } from './operator-key.ts'
import type { OperatorKey } from './operator-key.ts'

export interface OperatorsFile {
  /** By key id. */
  readonly keys: ReadonlyMap<string, OperatorKey>
  /** One line each, with the place. */
  readonly problems: readonly string[]
}

const maxKeys = 1_000

/** Reads a file of public keys: one per line, empty lines and lines that begin with # aside. */
export function parseOperatorsFile(text: string, fileName: string): OperatorsFile {
  const keys = new Map<string, OperatorKey>()
  const problems: string[] = []
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const content = line.trim()
    if (content === '' || content.startsWith('#')) continue
    try {
      const key = parseOperatorKey(content)
      const known = keys.get(key.id)
      if (known !== undefined) {
        problems.push(`${fileName}:${at + 1}: the key of ${known.name} a second time; allowed: each once`)
      } else if (keys.size === maxKeys) {
        problems.push(`${fileName}:${at + 1}: one key too many; allowed: ${maxKeys}`)
        break
      } else keys.set(key.id, key)
    } catch (error) {
      problems.push(`${fileName}:${at + 1}: ${messageOf(error)}`)
    }
  }
  return { keys, problems }
}
