import { z } from 'zod'

/** A line of pg_hba.conf as the view pg_hba_file_rules shows it, in the order in which the server looks. */
export const hbaRules = z.array(
  z.object({
    line: z.number(),
    /** Since PostgreSQL 16, in which a file may include others. */
    file: z.string().nullable(),
    type: z.string().nullable(),
    database: z.array(z.string()).nullable(),
    user: z.array(z.string()).nullable(),
    address: z.string().nullable(),
    netmask: z.string().nullable(),
    method: z.string().nullable(),
    options: z.array(z.string()).nullable(),
    error: z.string().nullable(),
  }),
)
export type HbaRule = z.infer<typeof hbaRules>[number]

/** How somebody would come in. */
export interface Entry {
  /** An address of the server; undefined for its Unix socket. */
  readonly address: string | undefined
  readonly database: string
  readonly user: string
  /** The roles that it is a member of. */
  readonly groups: ReadonlySet<string>
}

/** The rule that decides about a connection without TLS, the first that fits: PostgreSQL, "The pg_hba.conf File". */
export function ruleFor(rules: readonly HbaRule[], entry: Entry): HbaRule | undefined {
  return rules.find(
    (rule) =>
      rule.error === null &&
      fitsType(rule, entry) &&
      (rule.database ?? []).some((name) => fitsDatabase(name, entry)) &&
      (rule.user ?? []).some((name) => fitsUser(name, entry)) &&
      (entry.address === undefined || fitsAddress(rule, entry.address)),
  )
}

function fitsType({ type }: HbaRule, { address }: Entry): boolean {
  return address === undefined ? type === 'local' : ['host', 'hostnossl', 'hostnogssenc'].includes(type ?? '')
}

function fitsDatabase(name: string, { database, user, groups }: Entry): boolean {
  if (name === 'all') return true
  if (name === 'sameuser') return database === user
  if (name === 'samerole' || name === 'samegroup') return database === user || groups.has(database)
  return name !== 'replication' && (name === database || fitsExpression(name, database))
}

function fitsUser(name: string, { user, groups }: Entry): boolean {
  if (name.startsWith('+')) return user === name.slice(1) || groups.has(name.slice(1))
  return name === 'all' || name === user || fitsExpression(name, user)
}

/** Since PostgreSQL 16. */
function fitsExpression(pattern: string, text: string): boolean {
  if (!pattern.startsWith('/')) return false
  try {
    return new RegExp(pattern.slice(1)).test(text)
  } catch {
    return false
  }
}

function fitsAddress({ address, netmask }: HbaRule, client: string): boolean {
  if (address === null) return false
  if (['all', 'samehost', 'samenet'].includes(address)) return true
  if (address === 'localhost') return client === '127.0.0.1' || client === '::1'
  if (client.includes(':') !== address.includes(':')) return false
  if (client.includes(':')) return address === client || /^[0:]+$/.test(netmask ?? '')
  const [own, theirs, mask] = [client, address, netmask ?? '255.255.255.255'].map(toNumber)
  if (own === undefined || theirs === undefined || mask === undefined) return false
  return (own & mask) >>> 0 === (theirs & mask) >>> 0
}

/** An address of IPv4 as a number; undefined for what is none. */
function toNumber(address: string): number | undefined {
  const parts = address.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !Number.isInteger(part) || part < 0 || part > 255))
    return undefined
  return parts.reduce((sum, part) => sum * 256 + part, 0)
}
