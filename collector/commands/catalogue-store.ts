import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { actionDescription } from '../../common/command/action-description.ts'
import type { ActionDescription } from '../../common/command/action-description.ts'

/** What agents can do, in the fleet's database: each catalogue once, under its digest. */
export interface CatalogueStore {
  /** Those that this release can read: agents tell the others again. */
  catalogues(): ReadonlyMap<string, readonly ActionDescription[]>
  /** The digest of each node's catalogue. */
  nodes(): ReadonlyMap<string, string>
  set(node: string, digest: string, actions: readonly ActionDescription[]): void
}

const catalogue = z.array(actionDescription)

export function openCatalogueStore(database: DatabaseSync): CatalogueStore {
  const selectCatalogues = database.prepare('SELECT digest, actions FROM action_catalogues')
  const selectNodes = database.prepare('SELECT node, digest FROM node_actions')
  const insert = database.prepare('INSERT OR REPLACE INTO action_catalogues (digest, actions) VALUES (?, ?)')
  const setNode = database.prepare('INSERT OR REPLACE INTO node_actions (node, digest) VALUES (?, ?)')
  const forgetUnused = database.prepare(
    'DELETE FROM action_catalogues WHERE digest NOT IN (SELECT digest FROM node_actions)',
  )
  return {
    catalogues() {
      const readable = new Map<string, readonly ActionDescription[]>()
      for (const { digest, actions } of selectCatalogues.iterate()) {
        const parsed = parse(String(actions))
        if (parsed !== undefined) readable.set(String(digest), parsed)
      }
      return readable
    },
    nodes: () => new Map(selectNodes.all().map(({ node, digest }) => [String(node), String(digest)])),
    set(node, digest, actions) {
      insert.run(digest, JSON.stringify(actions))
      setNode.run(node, digest)
      forgetUnused.run()
    },
  }
}

function parse(text: string): readonly ActionDescription[] | undefined {
  try {
    return catalogue.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}
