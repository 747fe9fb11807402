import type { NeededRole } from './auth/needed-role.ts'

/**
 * Under which prefixes a part of the API is: VictoriaMetrics' single node takes /prometheus too, its cluster names the
 * part and the tenant, of whom there is one.
 */
export const mounts = {
  root: [''],
  page: [''],
  select: ['', '/prometheus', '/select/0/prometheus', '/select/0:0/prometheus'],
  insert: ['', '/prometheus', '/insert/0/prometheus', '/insert/0:0/prometheus'],
  foreignInsert: ['', '/prometheus', '/insert/0', '/insert/0:0'],
  admin: ['', '/prometheus'],
  delete: ['', '/prometheus', '/delete/0/prometheus', '/delete/0:0/prometheus'],
} as const satisfies Readonly<Record<string, readonly string[]>>

export type Mount = keyof typeof mounts

/** Who may use a part of the API where a route says nothing else; under the root each route says. */
export const mountRoles: Readonly<Partial<Record<Mount, NeededRole>>> = {
  page: 'open',
  select: 'viewer',
  insert: 'writer',
  foreignInsert: 'writer',
  admin: 'admin',
  delete: 'admin',
}

/** Whether the part of the API is reached under the prefix. */
export function isUnder(mount: Mount, prefix: string): boolean {
  return (mounts[mount] as readonly string[]).includes(prefix)
}
