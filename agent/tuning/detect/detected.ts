import type { Detection } from '../../../common/tuning/detection.ts'
import type { KnownServer } from '../recommend/known-server.ts'
import type { DiskClass, Machine } from '../recommend/machine.ts'
import type { ConfigurationOwner } from './configuration-owner.ts'
import type { HostFacts } from './host-facts.ts'

/** What an operator says of a server's machine, which wins over what is found. Null is not said. */
export interface SaidMachine {
  readonly memoryBytes: number | null
  readonly processors: number | null
  readonly diskClass: DiskClass | null
}

/** Everything that is known of a server and of what it runs on. */
export interface Detected {
  /** Null where the server is not on this host, and nobody has said what its machine is. */
  readonly machine: Machine | null
  /** A sentence for whoever needs the machine: why it is not known, and what would help. */
  readonly whyNoMachine: string | null
  readonly server: KnownServer
  /** All of it unknown where the server is not on this host. */
  readonly host: HostFacts
  readonly owner: ConfigurationOwner
  /** The same for a person. */
  readonly detection: Detection
}
