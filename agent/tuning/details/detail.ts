import type { SettingsSession } from '../read-settings.ts'
import type { ObservedServer } from '../observe/view.ts'

/** What is asked of a server at the moment of an advice, where single numbers are not enough: its largest tables, its slots. */
export interface Detail<T> {
  readonly name: string
  /** Bounded in rows and in time. Undefined where this server, or this role, cannot tell. */
  read(session: Pick<SettingsSession, 'read'>, server: ObservedServer): Promise<T | undefined>
}
