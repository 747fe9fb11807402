import { commandPayload } from '../../common/command/payload.ts'
import { commandResult } from '../../common/command/result.ts'
import { signedCommand } from '../../common/command/signed-command.ts'
import type { SignedCommand } from '../../common/command/signed-command.ts'
import type { CommandState, CommandView } from '../../common/command/command-view.ts'
import type { CommandBook } from './command-book.ts'
import type { CommandRow, CommandStore } from './command-store.ts'
import type { StoredCommand } from './stored-command.ts'

export interface CommandQuery {
  readonly node?: string
  readonly kind?: string
  readonly state?: CommandState
  readonly limit: number
}

/** What people and programs see of commands. */
export interface CommandViews {
  one(id: string): CommandView | undefined
  /** Newest first, without what the results show, of which a list would have too much. */
  list(query: CommandQuery): CommandView[]
  /** Those of `ids` that are known and newer than `after`, oldest version first, up to about 16 MiB of results. */
  changed(ids: readonly string[], after: number): CommandView[]
  signed(id: string): SignedCommand | undefined
}

/** Characters of signed commands and results in one answer. */
const maxAnswer = 16 << 20

export function createCommandViews(store: CommandStore, book: CommandBook): CommandViews {
  const current = (command: StoredCommand): StoredCommand => book.get(command.id) ?? command
  const view = (row: CommandRow): CommandView => {
    const command = current(row.command)
    const live = book.get(command.id)
    const { payload, signatures } = signedCommand.parse(JSON.parse(row.signed))
    const said = commandPayload.parse(JSON.parse(payload))
    return {
      id: command.id,
      node: command.node,
      server: said.server,
      kind: command.kind,
      mode: said.mode,
      args: said.args,
      operator: said.operator,
      reason: said.reason,
      requestedBy: command.requestedBy,
      keys: signatures.map(({ key }) => key),
      state: command.state,
      queuedMs: command.queuedMs,
      expiresMs: command.expiresMs,
      deliveredMs: command.deliveredMs,
      startedMs: command.startedMs,
      finishedMs: command.finishedMs,
      progress: live?.progress ?? null,
      written: live?.written ?? '',
      result: row.result === null ? null : commandResult.parse(JSON.parse(row.result)),
      version: command.version,
    }
  }
  return {
    one(id) {
      const row = store.read(id)
      return row === undefined ? undefined : view(row)
    },
    list({ state, limit, ...filter }) {
      const ids: string[] = []
      for (const command of store.newest(filter)) {
        if (state !== undefined && current(command).state !== state) continue
        if (ids.push(command.id) >= limit) break
      }
      return ids.flatMap((id) => {
        const row = store.read(id)
        if (row === undefined) return []
        const { result, ...rest } = view(row)
        return [{ ...rest, written: '', result: result === null ? null : { ...result, output: [] } }]
      })
    },
    changed(ids, after) {
      const versions = store.versions(ids)
      const newer = [...versions]
        .map(([id, stored]) => ({ id, version: book.get(id)?.version ?? stored }))
        .filter(({ version }) => version > after)
        .sort((a, b) => a.version - b.version)
      const views: CommandView[] = []
      let size = 0
      for (const { id } of newer) {
        const row = store.read(id)
        if (row === undefined) continue
        size += row.signed.length + (row.result?.length ?? 0)
        if (size > maxAnswer && views.length > 0) break
        views.push(view(row))
      }
      return views
    },
    signed(id) {
      const row = store.read(id)
      return row === undefined ? undefined : signedCommand.parse(JSON.parse(row.signed))
    },
  }
}
