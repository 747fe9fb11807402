import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import type { CommandStore } from './command-store.ts'
import type { StoredCommand } from './stored-command.ts'

/** A command that has no result yet. */
export interface LiveCommand extends StoredCommand {
  progress: { readonly percent: number | null; readonly text: string } | null
  /** The newest of what the action wrote. */
  written: string
  /** Its end is being made durable. */
  ending: boolean
}

/** The commands that are under way, in memory, and who waits for a change. */
export interface CommandBook {
  /** How many there are. */
  readonly size: number
  get(id: string): LiveCommand | undefined
  all(): Iterable<LiveCommand>
  ofNode(node: string): Iterable<LiveCommand>
  /** @throws PgherdError OVERLOADED when there is no room for so many more for a node, or at all */
  requireRoom(node: string, more: number, moreInAll: number): void
  add(command: StoredCommand): void
  remove(command: StoredCommand): void
  nextVersion(): number
  /** Gives the command a new version and wakes who waits. */
  changed(command: LiveCommand): void
  appendWritten(command: LiveCommand, text: string): void
  /** Wakes who waits for the command. */
  announce(id: string): void
  /** Called with the ids of commands that change, until it is disposed. */
  watch(listener: (id: string) => void): Disposable
}

const maxLive = 50_000
const maxLiveOfNode = 2_000

/** Kept of one command's output; less while all of them together have more than the second bound. */
const maxWritten = 64 * 1024
const maxWrittenOfAll = 32 << 20
const maxWrittenUnderPressure = 2 * 1024

export function createCommandBook(store: CommandStore, clock: Clock): CommandBook {
  const live = new Map<string, LiveCommand>()
  const byNode = new Map<string, Map<string, LiveCommand>>()
  const listeners = new Set<(id: string) => void>()
  let written = 0
  // Beyond any that an earlier run can have given: it counted from its clock as well, by far less than this one has moved on.
  let version = Math.max(clock.now() * 1_000, store.newestVersion() + 1)

  const add = (command: StoredCommand) => {
    const added: LiveCommand = { ...command, progress: null, written: '', ending: false }
    live.set(command.id, added)
    const ofNode = byNode.get(command.node) ?? new Map<string, LiveCommand>()
    byNode.set(command.node, ofNode.set(command.id, added))
  }
  const announce = (id: string) => {
    for (const listener of listeners) listener(id)
  }
  const nextVersion = () => ++version
  for (const command of store.unfinished()) add({ ...command, version: nextVersion() })

  return {
    get size() {
      return live.size
    },
    get: (id) => live.get(id),
    all: () => live.values(),
    ofNode: (node) => byNode.get(node)?.values() ?? [],
    requireRoom(node, more, moreInAll) {
      if (live.size + moreInAll > maxLive) {
        throw new PgherdError('OVERLOADED', `${live.size} commands are under way already`)
      }
      const ofNode = byNode.get(node)?.size ?? 0
      if (ofNode + more > maxLiveOfNode) {
        throw new PgherdError('OVERLOADED', `${ofNode} commands for ${node} are under way already`)
      }
    },
    add,
    remove({ id, node }) {
      written -= live.get(id)?.written.length ?? 0
      live.delete(id)
      const ofNode = byNode.get(node)
      ofNode?.delete(id)
      if (ofNode?.size === 0) byNode.delete(node)
    },
    nextVersion,
    changed(command) {
      command.version = nextVersion()
      announce(command.id)
    },
    appendWritten(command, text) {
      const most = written > maxWrittenOfAll ? maxWrittenUnderPressure : maxWritten
      const before = command.written.length
      command.written = (command.written + text).slice(-most)
      written += command.written.length - before
    },
    announce,
    watch(listener) {
      listeners.add(listener)
      return { [Symbol.dispose]: () => void listeners.delete(listener) }
    },
  }
}
