import type { HostFacts } from '../detect/host-facts.ts'
import type { Load, Sizes } from '../recommend/load.ts'
import type { Machine } from '../recommend/machine.ts'
import type { NeededPages } from './needed-huge-pages.ts'

/** What the advice about a host's kernel is made of. */
export interface KernelInput {
  readonly host: HostFacts
  readonly machine: Machine
  /** Of the server with what is proposed for it. */
  readonly outcome: { readonly load: Load; readonly sizes: Sizes }
  /** Everything together in the worst case, bytes. */
  readonly worstCaseBytes: number
  readonly pages: NeededPages
  /** Whether pgBouncer listens on this host. */
  readonly hasPooler: boolean
}
