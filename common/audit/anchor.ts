import { z } from 'zod'
import { canonicalJson } from '../command/canonical-json.ts'
import type { AuditEntry, AuditFact } from './entry.ts'
import type { ChainHead } from './hash-entry.ts'

/** A place in a chain that another chain has written down: what a chain alone cannot prove about its end. */
export interface Anchor extends ChainHead {
  /** Of the chain that is anchored: `collector` or a node. */
  readonly chain: string
  /** When the other chain wrote it. */
  readonly atMs: number
}

const anchored = z.object({ chain: z.string(), seq: z.int().min(0) })

/** What one chain writes of another's newest entry. */
export function anchorFact(chain: string, { seq, hash }: ChainHead): AuditFact {
  return {
    event: 'anchored',
    who: 'pgherd',
    what: canonicalJson({ chain, seq }),
    where: chain,
    why: '',
    command: null,
    outcome: null,
    digest: hash,
  }
}

/** What an entry says of another chain, if it is an anchor. */
export function anchorOf({ event, what, digest, atMs }: AuditEntry): Anchor | undefined {
  if (event !== 'anchored' || digest === null) return undefined
  try {
    const parsed = anchored.safeParse(JSON.parse(what))
    return parsed.success ? { ...parsed.data, hash: digest, atMs } : undefined
  } catch {
    return undefined
  }
}
