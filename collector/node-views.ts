import type { LabelSet } from '../common/series/label-set.ts'
import { labelValue } from '../common/series/label-set.ts'
import type { NodeView } from '../common/wire/nodes.ts'

/** What the fleet's state knows about a node without its samples. */
export type KnownNode = Omit<NodeView, 'role' | 'up' | 'lastSampleMs'>

/** One element of an instant vector. */
interface Element {
  readonly labels: LabelSet
  readonly value: number
}

/** Evaluates an expression now; its result must be a vector. */
export type InstantVector = (expression: string) => Promise<readonly Element[]>

/**
 * Joins what agents said about themselves with the newest samples of their servers. A node whose samples come
 * by other ways than our agent's channel (any remote-write sender with the identity labels) is listed too.
 */
export async function viewNodes(known: readonly KnownNode[], vector: InstantVector): Promise<NodeView[]> {
  const [up, recovery, newest] = await Promise.all([
    vector('max by (cls, ins, ip) (pg_up)'),
    vector('max by (ins) (pg_in_recovery)'),
    vector('max by (ins) (timestamp(up))'),
  ])
  const valueOf = (elements: readonly Element[]): Map<string, number> =>
    new Map(elements.map(({ labels, value }) => [labelValue(labels, 'ins'), value]))
  const upByNode = valueOf(up)
  const recoveryByNode = valueOf(recovery)
  const newestByNode = valueOf(newest)

  const names = new Set(known.map(({ node }) => node))
  const seenOnly = up
    .filter(({ labels }) => !names.has(labelValue(labels, 'ins')))
    .map(({ labels }) => nodeFromSamples(labels, newestByNode))
  return [...known, ...seenOnly].map((node) => {
    const isUp = upByNode.get(node.node)
    const inRecovery = recoveryByNode.get(node.node)
    const newestSeconds = newestByNode.get(node.node)
    return {
      ...node,
      up: isUp === undefined ? null : isUp > 0,
      role: inRecovery === undefined ? null : inRecovery > 0 ? 'standby' : 'primary',
      lastSampleMs: newestSeconds === undefined ? null : newestSeconds * 1000,
    }
  })
}

function nodeFromSamples(labels: LabelSet, newest: ReadonlyMap<string, number>): KnownNode {
  const node = labelValue(labels, 'ins')
  const seenMs = (newest.get(node) ?? 0) * 1000
  return {
    node,
    cluster: labelValue(labels, 'cls'),
    ip: labelValue(labels, 'ip'),
    version: '',
    connected: false,
    firstSeenMs: seenMs,
    lastSeenMs: seenMs,
    clockSkewMs: 0,
    clockSkewed: false,
    servers: [],
    auditBreaks: 0,
  }
}
