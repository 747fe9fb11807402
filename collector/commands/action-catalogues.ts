import { createHash } from 'node:crypto'
import type { ActionDescription } from '../../common/command/action-description.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { CatalogueStore } from './catalogue-store.ts'
import type { Journal } from './journal.ts'

/** What each agent can do, as it told last. Agents of one release say the same, which is in memory once. */
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

/** Starts with what is stored; writes only what is new of a node. */
export function createActionCatalogues(
  store: CatalogueStore,
  { journal, log }: { readonly journal: Pick<Journal, 'add'>; readonly log: Log },
): ActionCatalogues {
  const byNode = new Map<string, Catalogue>()
  const byDigest = new Map<string, Catalogue>()
  const use = (node: string, digest: string, actions: readonly ActionDescription[]): void => {
    const earlier = byNode.get(node)
    if (earlier !== undefined && --earlier.users === 0) byDigest.delete(earlier.digest)
    const catalogue = byDigest.get(digest) ?? { digest, actions, users: 0 }
    catalogue.users++
    byDigest.set(digest, catalogue)
    byNode.set(node, catalogue)
  }
  const stored = store.catalogues()
  for (const [node, digest] of store.nodes()) {
    const actions = stored.get(digest)
    if (actions !== undefined) use(node, digest, actions)
  }
  return {
    set(node, actions) {
      const digest = createHash('sha256').update(JSON.stringify(actions)).digest('hex')
      if (byNode.get(node)?.digest === digest) return
      use(node, digest, actions)
      journal.add({ facts: [], write: () => store.set(node, digest, actions) }).catch((error: unknown) => {
        // The agent tells it again after the next start.
        log.warn({ node, error: messageOf(error) }, 'what an agent can do could not be stored')
      })
    },
    get: (node) => byNode.get(node)?.actions,
    get size() {
      return byDigest.size
    },
  }
}
