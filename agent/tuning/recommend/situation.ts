import type { KnownServer } from './known-server.ts'
import type { Machine, Profile } from './machine.ts'

/** What the baseline is made from. */
export interface Situation {
  readonly machine: Machine
  readonly profile: Profile
  readonly server: KnownServer
  /** max_connections as somebody wants it; null to leave it to what is known. */
  readonly connections: number | null
}

/** A setting of the server as a number in its own unit; undefined where it has none of that name. */
export function settingOf({ server }: Pick<Situation, 'server'>, name: string): number | undefined {
  const setting = server.settings.get(name)
  return setting === undefined ? undefined : Number(setting.value)
}

/** Likewise, only of a server that runs: what is planned has no history. */
export function currentOf(situation: Pick<Situation, 'server'>, name: string): number | undefined {
  return situation.server.isRunning ? settingOf(situation, name) : undefined
}
