import type { Clock } from '../../common/clock.ts'
import { messageOf } from '../../common/errors.ts'
import type { Log } from '../../common/log.ts'
import type { ServersMessage } from '../../common/wire/channel.ts'
import type { ActionSession, ActionSessionOptions } from '../postgres/action-session.ts'
import type { NamedServer } from './verify-command.ts'

/** A server or pooler that commands can name. */
export interface Target {
  /** The ins label. */
  readonly server: string
  readonly kind: 'postgres' | 'pgbouncer'
  /** @throws PgherdError of `openActionSession` */
  open(timeoutMs: number, options?: Pick<ActionSessionOptions, 'readsOverMeasuring'>): Promise<ActionSession>
}

export interface Targets {
  list(): ServersMessage['servers']
  /** The same by name. */
  named(): ReadonlyMap<string, NamedServer>
  find(server: string): Target | undefined
  /** What a session has found: the identifier that is told from now on. */
  note(server: string, systemIdentifier: string | undefined): void
  /** Asks servers who they are until each has answered, and then now and then. Never rejects. */
  run(signal: AbortSignal): Promise<void>
}

const soonMs = 15_000
const laterMs = 600_000
const timeoutMs = 5_000

/** Whom commands can be about. A server that was replaced under its address is noticed within minutes, and by each command at once. */
export function createTargets(targets: readonly Target[], clock: Clock, log: Log): Targets {
  const byName = new Map(targets.map((target) => [target.server, target]))
  const identifiers = new Map<string, string>()

  const note = (server: string, systemIdentifier: string | undefined) => {
    if (systemIdentifier === undefined) identifiers.delete(server)
    else identifiers.set(server, systemIdentifier)
  }
  const ask = async (target: Target) => {
    const { server } = target
    try {
      await using session = await target.open(timeoutMs)
      note(server, session.systemIdentifier)
    } catch (error) {
      log.debug({ server, error: messageOf(error) }, 'commands: a server does not say who it is')
    }
  }
  const list = (): ServersMessage['servers'] =>
    targets.map(({ server, kind }) => ({
      server,
      kind,
      systemIdentifier: identifiers.get(server) ?? null,
    }))
  return {
    list,
    named: () => new Map(list().map(({ server, ...rest }) => [server, rest])),
    find: (server) => byName.get(server),
    note,
    async run(signal) {
      const servers = targets.filter(({ kind }) => kind === 'postgres')
      const askedMs = new Map<string, number>()
      while (!signal.aborted && servers.length > 0) {
        for (const target of servers) {
          const age = clock.monotonic() - (askedMs.get(target.server) ?? -Infinity)
          if (isAborted(signal) || age < (identifiers.has(target.server) ? laterMs : soonMs)) continue
          askedMs.set(target.server, clock.monotonic())
          await ask(target)
        }
        await clock.sleep(soonMs, signal)
      }
    },
  }
}

/** A signal can abort during an await, which the narrowing of a property does not know. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
