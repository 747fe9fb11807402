/** Who decides about the settings of a server. */
export const ownerKinds = [
  'plain',
  'patroni',
  'pigsty',
  'cloudnativepg',
  'zalando',
  'crunchy',
  'stackgres',
  'kubernetes',
  'rds',
  'aurora',
  'cloud-sql',
  'azure',
  'neon',
  'supabase',
  'docker',
  'configuration-management',
] as const
export type OwnerKind = (typeof ownerKinds)[number]

export interface ConfigurationOwner {
  readonly kind: OwnerKind
  /** For sentences: `Patroni`, `Amazon RDS`, `the server itself`. */
  readonly name: string
  /** What it was recognised by. */
  readonly signs: readonly string[]
  /** A sentence: how a setting is changed there. */
  readonly how: string
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[]
  /** Whether this agent may change settings: by ALTER SYSTEM, or through the keeper of the cluster. */
  readonly mayApply: boolean
}
