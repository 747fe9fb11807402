import type { PatroniAddress } from '../../../common/patroni/access.ts'
import type { EtcdAccess } from './store.ts'

/** A Patroni of this host as the agent's configuration has it. */
export interface PatroniAccess extends PatroniAddress {
  /** Members of etcd beside it, for a look before it is told anything. */
  readonly etcd?: readonly EtcdAccess[] | undefined
}
