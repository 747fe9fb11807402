import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import { hasTrueDigest } from '../../common/command/digest.ts'
import type { CommandResult } from '../../common/command/result.ts'
import type { FromCollector } from '../../common/wire/channel.ts'
import type { CommandBook, LiveCommand } from './command-book.ts'
import { progressFact, resultFact } from './command-facts.ts'
import type { CommandStore } from './command-store.ts'
import type { AgentMessage } from './connection.ts'
import type { Journal } from './journal.ts'

type Report = Extract<AgentMessage, { type: `command-${string}` }>

/** What agents say of their commands. */
export interface AgentReports {
  take(node: string, report: Report): void
  stats(): {
    readonly finished: Readonly<Record<string, number>>
    readonly foreignReports: number
    readonly unknownResults: number
    readonly conflictingResults: number
    readonly falseDigests: number
  }
}

export interface AgentReportsOptions {
  readonly clock: Clock
  readonly log: Log
  readonly store: CommandStore
  readonly book: CommandBook
  readonly journal: Journal
  readonly send: (node: string, message: FromCollector) => boolean
  /** The agent sends again what could not be kept, but only after it has connected anew. */
  readonly disconnect: (node: string, reason: string) => void
  readonly onReceived: (node: string, id: string) => void
}

export function createAgentReports(options: AgentReportsOptions): AgentReports {
  const { clock, log, store, book, journal } = options
  const finished: Record<string, number> = {}
  const counters = { foreignReports: 0, unknownResults: 0, conflictingResults: 0, falseDigests: 0 }
  /** Results of commands that are no longer live, such as expired ones, while they are being stored. */
  const ending = new Set<string>()

  const isOf = (node: string, id: string, owner: string): boolean => {
    if (owner === node) return true
    counters.foreignReports++
    log.warn({ node, command: id, of: owner }, 'commands: an agent reports on the command of another node')
    options.disconnect(node, 'a report on the command of another node')
    return false
  }
  /** Into the audit and the database when there is a moment: the agent knows it as well. */
  const note = (command: LiveCommand, event: 'delivered' | 'started') => {
    book.changed(command)
    journal
      .add({ facts: [progressFact(command, event)], write: () => store.update(command) })
      .catch((error: unknown) => {
        log.error({ command: command.id, error: messageOf(error) }, `commands: "${event}" was not stored`)
      })
  }
  const received = (command: LiveCommand) => {
    if (command.state !== 'queued') return
    command.state = 'delivered'
    command.deliveredMs = clock.now()
    note(command, 'delivered')
  }

  const end = async (node: string, id: string, result: CommandResult): Promise<void> => {
    const live = book.get(id)
    const row = store.read(id)
    const command = live ?? row?.command
    if (row === undefined || command === undefined) {
      // Too old to be known here; the agent need not keep it for us.
      counters.unknownResults++
      options.send(node, { type: 'result-stored', id })
      return
    }
    if (!isOf(node, id, command.node) || ending.has(id)) return
    if (!hasTrueDigest(result)) {
      counters.falseDigests++
      log.warn({ node, command: id }, 'commands: a result is not what its digest says')
    }
    if (row.result !== null) {
      if (!row.result.includes(`"digest":"${result.digest}"`)) {
        counters.conflictingResults++
        log.warn({ node, command: id }, 'commands: a second, different result is not taken')
      }
      options.send(node, { type: 'result-stored', id })
      return
    }
    ending.add(id)
    if (live !== undefined) live.ending = true
    try {
      const finishedMs = clock.now()
      const deliveredMs = command.deliveredMs ?? finishedMs
      await journal.add({
        facts: [resultFact(command, result)],
        write() {
          const ended = { ...command, state: result.outcome, deliveredMs, finishedMs }
          store.setResult({ ...ended, version: book.nextVersion() }, JSON.stringify(result))
        },
      })
      book.remove(command)
      finished[result.outcome] = (finished[result.outcome] ?? 0) + 1
      options.send(node, { type: 'result-stored', id })
      book.announce(id)
    } catch (error) {
      if (live !== undefined) live.ending = false
      log.error({ node, command: id, error: messageOf(error) }, 'commands: a result could not be stored')
      options.disconnect(node, 'the result of a command cannot be stored now')
    } finally {
      ending.delete(id)
    }
  }

  return {
    take(node, report) {
      if (report.type === 'command-result') {
        void end(node, report.id, report.result)
        options.onReceived(node, report.id)
        return
      }
      const command = book.get(report.id)
      if (command === undefined) {
        options.onReceived(node, report.id)
        return
      }
      if (!isOf(node, report.id, command.node)) return
      // A report behind the result, as after a reconnect, would be stored after the end and undo it.
      if (command.ending) {
        options.onReceived(node, report.id)
        return
      }
      switch (report.type) {
        case 'command-received':
          received(command)
          break
        case 'command-started':
          received(command)
          if (command.state !== 'delivered') break
          command.state = 'running'
          command.startedMs = clock.now()
          note(command, 'started')
          break
        case 'command-progress':
          command.progress = { percent: report.percent, text: report.text }
          book.changed(command)
          break
        case 'command-output':
          book.appendWritten(command, report.text)
          book.changed(command)
      }
      options.onReceived(node, report.id)
    },
    stats: () => ({ finished, ...counters }),
  }
}
