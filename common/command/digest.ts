import { createHash } from 'node:crypto'
import { canonicalJson } from './canonical-json.ts'
import type { CommandResult } from './result.ts'

/**
 * SHA-256 of a value's canonical JSON, 64 hexadecimal digits.
 * @throws PgherdError of `canonicalJson`
 */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex')
}

/**
 * A result with the digest of everything else in it, which both audits keep.
 * @throws PgherdError of `canonicalJson`
 */
export function withDigest(result: Omit<CommandResult, 'digest'>): CommandResult {
  return { ...result, digest: digestOf(result) }
}

/** Whether a result is what its digest says, and so what the agent wrote. */
export function hasTrueDigest({ digest, ...rest }: CommandResult): boolean {
  return digestOf(rest) === digest
}
