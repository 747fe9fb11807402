import type { DiskClass, Profile } from '../recommend/machine.ts'

export const formats = ['table', 'long', 'conf', 'alter-system', 'patroni', 'ansible', 'json'] as const
export type Format = (typeof formats)[number]

/** What `pgherd-agent tune` was asked for. Undefined is what nobody has said. */
export interface TuneRequest {
  /** `offline`: for a machine that is described; `new-cluster`: for this one. */
  readonly what: 'offline' | 'new-cluster'
  readonly major: number
  readonly profile: Profile
  readonly processors: number | undefined
  readonly memoryBytes: number | undefined
  readonly diskClass: DiskClass | undefined
  readonly diskBytes: number | undefined
  readonly walDiskBytes: number | undefined
  readonly databaseBytes: number | undefined
  readonly connections: number | undefined
  readonly hasLz4: boolean
  readonly dataDirectory: string | undefined
  readonly format: Format
}
