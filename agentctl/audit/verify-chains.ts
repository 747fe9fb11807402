import { anchorOf } from '../../common/audit/anchor.ts'
import type { Anchor } from '../../common/audit/anchor.ts'
import { createChainVerifier } from '../../common/audit/verify.ts'
import type { ChainReport } from '../../common/audit/verify.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CollectorClient } from '../client.ts'
import { collectorChain, readChain, readPage } from './read-chain.ts'

export interface VerifiedChain extends ChainReport {
  /** `collector` or a node. */
  readonly chain: string
  /** Places in it that other chains have written down. */
  readonly anchors: number
  /** Of its newest entry; null where it has none. */
  readonly newestMs: number | null
}

/** The chains of a fleet: what a node's audit was before a break (`<node>~<number>`) stands in front of what it is now. */
export function partsOf(chains: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const byName = Map.groupBy(chains, (chain) => chain.replace(/~\d+$/, ''))
  const epochOf = (chain: string): number => Number(/~(\d+)$/.exec(chain)?.[1] ?? Infinity)
  return new Map([...byName].map(([name, parts]) => [name, parts.sort((a, b) => epochOf(a) - epochOf(b))]))
}

/**
 * Downloads the chains that the collector has, and follows each from its first entry to its last: hashes, order, and that
 * what other chains have written down of it is there. Nothing of what the collector says of itself is believed.
 * @param nodes only these and the collector's own; all unless told
 * @param onChain is told which chain is being read
 * @throws PgherdError NOT_FOUND for a node without an audit
 */
export async function verifyChains(
  client: CollectorClient,
  nodes: readonly string[] | undefined,
  onChain: (text: string) => void,
): Promise<readonly VerifiedChain[]> {
  const { chains } = await readPage(client, collectorChain, 0, 1)
  const parts = partsOf(chains)
  const missing = nodes?.filter((node) => !parts.has(node)) ?? []
  if (missing.length > 0) {
    throw new PgherdError('NOT_FOUND', `the collector has no audit of ${missing.join(', ')}`)
  }
  const names = [...parts.keys()].filter(
    (name) => nodes === undefined || name === collectorChain || nodes.includes(name),
  )
  // What a chain says of the others has to be known before those are followed, and all say something of the collector's.
  const anchors: Anchor[] = []
  const found = new Set<string>()
  for (const name of names) {
    onChain(`reading what ${name} says of the others`)
    for (const part of parts.get(name) ?? []) {
      for await (const entries of readChain(client, part)) {
        for (const anchor of entries.flatMap((entry) => anchorOf(entry) ?? [])) {
          const key = `${anchor.chain} ${anchor.seq} ${anchor.hash}`
          if (found.has(key)) continue
          found.add(key)
          anchors.push(anchor)
        }
      }
    }
  }
  const anchorsOf = Map.groupBy(anchors, ({ chain }) => chain)
  const verified: VerifiedChain[] = []
  for (const name of names) {
    onChain(`verifying ${name}`)
    const own = anchorsOf.get(name) ?? []
    const verifier = createChainVerifier(own)
    let newestMs: number | null = null
    for (const part of parts.get(name) ?? []) {
      for await (const entries of readChain(client, part)) {
        for (const entry of entries) verifier.take(entry)
        newestMs = entries.at(-1)?.atMs ?? newestMs
      }
    }
    verified.push({ ...verifier.finish(), chain: name, anchors: own.length, newestMs })
  }
  return verified
}
