import { createHash } from 'node:crypto'
import type { ActionDescription } from '../../common/command/action-description.ts'

/** What each agent can do. Agents of one release say the same, which is in memory once. */
export interface ActionCatalogues {
  set(node: string, actions: readonly ActionDescription[]): void
  get(node: string): readonly ActionDescription[] | undefined
  /** Different ones. */
  readonly size: number
}

interface Catalogue {
  readonly digest: string
  readonly actions: readonly ActionDescription[]
  users: number
}

export function createActionCatalogues(): ActionCatalogues {
  const byNode = new Map<string, Catalogue>()
  const byDigest = new Map<string, Catalogue>()
  return {
    set(node, actions) {
      const digest = createHash('sha256').update(JSON.stringify(actions)).digest('hex')
      const earlier = byNode.get(node)
      if (earlier?.digest === digest) return
      if (earlier !== undefined && --earlier.users === 0) byDigest.delete(earlier.digest)
      const catalogue = byDigest.get(digest) ?? { digest, actions, users: 0 }
      catalogue.users++
      byDigest.set(digest, catalogue)
      byNode.set(node, catalogue)
    },
    get: (node) => byNode.get(node)?.actions,
    get size() {
      return byDigest.size
    },
  }
}
