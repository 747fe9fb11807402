import type { Evidence } from '../../evidence/evidence.ts'
import type { ChosenProfile } from '../../profile/choose-profile.ts'
import type { KnownServer } from '../../recommend/known-server.ts'
import type { ChosenDiskClass } from '../choose-disk-class.ts'
import type { ConfigurationOwner } from '../configuration-owner.ts'
import type { DatabaseSize } from '../database-size.ts'
import type { SaidMachine } from '../detected.ts'
import type { FoundHost } from '../found-host.ts'
import type { HostFacts } from '../host-facts.ts'
import type { Inventory } from '../inventory.ts'
import type { Told } from '../told.ts'

/** All that was found. */
export interface Findings {
  readonly told: Told
  readonly server: KnownServer
  readonly inRecovery: boolean
  readonly nowMs: number
  readonly owner: ConfigurationOwner
  /** Undefined where the server is not on this host. */
  readonly host: FoundHost | undefined
  readonly facts: HostFacts
  readonly inventory: Inventory | undefined
  readonly disk: ChosenDiskClass
  readonly size: DatabaseSize | null
  readonly evidence: Evidence | undefined
  readonly profile: ChosenProfile
  readonly said: SaidMachine
  readonly whyNoMachine: string | null
}
