import type { Found, FoundNeighbour, FoundPooler } from './find/found.ts'
import type { LocalUser } from './host/acting-as.ts'
import type { PasswordPlace } from './host/password-file.ts'
import type { ServiceHost } from './host/service.ts'
import type { NamedServer } from './name-servers.ts'
import type { SetupOptions } from './options.ts'
import type { Login } from './server/choose-login.ts'
import type { ServerFacts } from './server/server-facts.ts'

/** What is to be done on this host, all of it decided before the first step. */
export interface SetupPlan {
  readonly options: SetupOptions
  readonly found: Found
  /** The first gives the agent its name. */
  readonly servers: readonly PlannedServer[]
  readonly role: string
  readonly agentUser: LocalUser | undefined
  /** Undefined where no server asks for one. */
  readonly password: PlannedPassword | undefined
  readonly poolers: readonly { readonly pooler: FoundPooler; readonly lacks: readonly string[] }[]
  readonly neighbours: readonly FoundNeighbour[]
  readonly config: { readonly path: string; readonly text: string; readonly before: string | undefined }
  readonly stateDirectory: string
  readonly collectorUrl: string | undefined
  /** When the certificate that this host has ends; undefined where it has to join, or cannot. */
  readonly memberUntilMs: number | undefined
  readonly service: ServiceHost
  /** Why it cannot be carried out, a paragraph each. */
  readonly problems: readonly string[]
}

export interface PlannedServer extends NamedServer {
  readonly facts: ServerFacts
  readonly login: Login
  /** Whether its role gets the password. */
  readonly setsPassword: boolean
  /** Whether anything is to be said to it. */
  readonly isReady: boolean
}

export interface PlannedPassword {
  readonly place: PasswordPlace
  /** As it is already; undefined where one is to be made. */
  readonly value: string | undefined
  readonly mustWrite: boolean
}

/** The name of the agent in the fleet. */
export function nodeOf({ servers }: Pick<SetupPlan, 'servers'>): string {
  const [first] = servers
  return `${first?.cluster ?? ''}-${first?.seq ?? ''}`
}
