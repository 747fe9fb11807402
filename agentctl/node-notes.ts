import type { NodeView } from '../common/wire/nodes.ts'
import { printAge } from './terminal.ts'

/** What else an operator has to know of a node before he does something with it; nothing for one like most. */
export function nodeNotes(node: NodeView): string {
  const notes: string[] = []
  if (node.clockSkewed) {
    const side = node.clockSkewMs > 0 ? 'ahead' : 'behind'
    notes.push(`clock ${printAge(Math.abs(node.clockSkewMs))} ${side}`)
  }
  if (node.auditBreaks > 0) {
    notes.push(`audit broke ${node.auditBreaks === 1 ? 'once' : `${node.auditBreaks} times`}`)
  }
  const others = node.servers.filter(({ server }) => server !== node.node).map(({ server }) => server)
  if (others.length > 0) notes.push(`also ${others.join(', ')}`)
  return notes.join('; ')
}
