import { auditAnswer } from '../../../common/audit/entry.ts'
import type { AuditEntry } from '../../../common/audit/entry.ts'
import { parseSample, vectorAnswer } from '../api/answers.ts'
import type { CollectorClient } from '../api/client.ts'

export interface AuditTail {
  /** `collector`, nodes, and what nodes' audits were before a break (`<node>~<number>`). */
  readonly chains: readonly string[]
  /** The newest first. */
  readonly entries: readonly AuditEntry[]
  readonly newest: number
}

const shown = 100

/** The newest entries of a chain. */
export async function loadAudit(
  client: CollectorClient,
  chain: string,
  signal: AbortSignal,
): Promise<AuditTail> {
  const ask = async (after: number, limit: number) =>
    (
      await client.get(
        'api/v1/audit',
        { chain, after: String(after), limit: String(limit) },
        auditAnswer,
        signal,
      )
    ).data
  const { newest } = await ask(0, 1)
  const { chains, entries } = await ask(Math.max(0, newest - shown), shown)
  return { chains, entries: entries.toReversed(), newest }
}

/** How many things the collector has found wrong in each chain; empty where its own figures are not stored. */
export async function loadFindings(
  client: CollectorClient,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const query = 'max by (chain) (pgherd_audit_findings)'
  const { data } = await client.get('api/v1/query', { query }, vectorAnswer, signal)
  return new Map(data.result.map(({ metric, value }) => [metric['chain'] ?? '', parseSample(value[1])]))
}

/**
 * Whether each entry names the hash of the one before. That the hashes are those of the entries only `agentctl audit
 * verify` proves, which believes nobody.
 * @param entries the newest first
 * @returns the number of the entry that does not, or null
 */
export function brokenLink(entries: readonly AuditEntry[]): number | null {
  for (let i = 0; i + 1 < entries.length; i++) {
    const [entry, before] = [entries[i]!, entries[i + 1]!]
    if (entry.seq !== before.seq + 1 || entry.prev !== before.hash) return entry.seq
  }
  return null
}
