/** A session or a prepared transaction that waits, or that others wait for. */
export interface LockNode {
  readonly key: string
  /** Keys of those it waits for. */
  readonly blockers: readonly string[]
}

export interface PlacedNode<Node extends LockNode> {
  readonly node: Node
  readonly depth: number
}

/**
 * Who waits for whom, as an indented list: those that wait for nobody first, each followed by those that wait for it. One that
 * waits for several stands under the first of them; a circle (a deadlock that is not found yet) is cut where it begins.
 */
export function lockTree<Node extends LockNode>(nodes: readonly Node[]): readonly PlacedNode<Node>[] {
  const known = new Set(nodes.map(({ key }) => key))
  const waiters = new Map<string, Node[]>()
  const roots: Node[] = []
  for (const node of nodes) {
    const parent = node.blockers.find((blocker) => known.has(blocker) && blocker !== node.key)
    if (parent === undefined) roots.push(node)
    else waiters.set(parent, [...(waiters.get(parent) ?? []), node])
  }
  const placed: PlacedNode<Node>[] = []
  const seen = new Set<string>()
  const place = (from: readonly Node[]): void => {
    const waiting = from.map((node): PlacedNode<Node> => ({ node, depth: 0 })).toReversed()
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { node, depth } = next
      if (seen.has(node.key)) continue
      seen.add(node.key)
      placed.push(next)
      const below = waiters.get(node.key) ?? []
      waiting.push(...below.map((one) => ({ node: one, depth: depth + 1 })).toReversed())
    }
  }
  place(roots)
  for (const node of nodes) if (!seen.has(node.key)) place([node])
  return placed
}
