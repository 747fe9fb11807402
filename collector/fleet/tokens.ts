import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { AuditFact } from '../../common/audit/entry.ts'
import type { Clock } from '../../common/clock.ts'
import { PgherdError } from '../../common/errors.ts'
import { tokenRole } from '../../common/wire/tokens.ts'
import type { CreatedToken, TokenRole, TokenView } from '../../common/wire/tokens.ts'
import type { TellAudit } from './kept-facts.ts'
import { hashOf, isSecret, newId, newSecret } from './secret.ts'
import { writing } from './writing.ts'

export interface NewToken {
  readonly name: string
  readonly role: TokenRole
  /** Null for ever. */
  readonly lifetimeMs: number | null
  /** Also where there are too many. */
  readonly always?: boolean
}

/** Whose token it is, or why it is none. */
export type TokenCheck =
  | { readonly name: string; readonly role: TokenRole }
  | { readonly refused: 'unknown' | 'expired' | 'revoked' }

/** The bearer tokens of people and programs: `pgh_<id>_<secret>`. */
export interface Tokens {
  /** @throws PgherdError REFUSED when the name is in use or there are too many, DISK_FULL, what the audit rejects with */
  create(token: NewToken, by: string): Promise<CreatedToken>
  /** By the time they were made. Those that ended over a month ago are forgotten. */
  list(): readonly TokenView[]
  /**
   * From the call on the token is refused, also when this rejects; then a repeat writes and tells what is missing.
   * @throws PgherdError NOT_FOUND, DISK_FULL, what the audit rejects with
   */
  revoke(id: string, by: string): Promise<TokenView>
  /** Is called whenever a token has been revoked here. */
  onRevoked(listener: () => void): void
  /** Costs a hash, and a look whether another process has written to the file. */
  check(token: string): TokenCheck
  /** Writes when tokens were used, which check() keeps in memory. */
  flush(): void
}

/** Bounds what is in memory. */
const maxTokens = 1_000
const rememberEndedMs = 30 * 86_400_000
const flushEveryMs = 60_000

const pattern = /^pgh_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/

const storedToken = z.object({
  id: z.string(),
  name: z.string(),
  role: tokenRole,
  hash: z.instanceof(Uint8Array),
  created_ms: z.number(),
  created_by: z.string(),
  expires_ms: z.number().nullable(),
  last_used_ms: z.number().nullable(),
  revoked_ms: z.number().nullable(),
})
type StoredToken = z.infer<typeof storedToken>

export function openTokens(
  database: DatabaseSync,
  { clock, audit }: { readonly clock: Clock; readonly audit: TellAudit },
): Tokens {
  const selectAll = database.prepare('SELECT * FROM tokens ORDER BY created_ms, id')
  const insert = database.prepare(
    `INSERT INTO tokens (id, name, role, hash, created_ms, created_by, expires_ms)
     VALUES (:id, :name, :role, :hash, :createdMs, :createdBy, :expiresMs)`,
  )
  const setRevoked = database.prepare('UPDATE tokens SET revoked_ms = :nowMs WHERE id = :id')
  const setUsed = database.prepare('UPDATE tokens SET last_used_ms = :atMs WHERE id = :id')
  const forget = database.prepare(
    'DELETE FROM tokens WHERE min(ifnull(expires_ms, 1e15), ifnull(revoked_ms, 1e15)) < :beforeMs',
  )
  const dataVersion = database.prepare('PRAGMA data_version')
  const versionNow = (): number => Number(dataVersion.get()?.['data_version'])

  let known = new Map<string, StoredToken>()
  let knownVersion = -1
  const used = new Map<string, number>()
  /** Names of tokens that the audit is being told of. */
  const coming = new Set<string>()
  /** Revoked, and not yet on the disk and in the audit. */
  const ending = new Map<string, number>()
  const listeners: (() => void)[] = []
  let flushedAt = clock.monotonic()
  const load = (): void => {
    knownVersion = versionNow()
    known = new Map(selectAll.all().map((row) => [String(row['id']), storedToken.parse(row)]))
    for (const [id, atMs] of ending) {
      const token = known.get(id)
      if (token !== undefined) token.revoked_ms ??= atMs
    }
  }
  /** `pgherd-collector init` and `admin-token` write beside a running collector. */
  const find = (id: string): StoredToken | undefined => {
    if (versionNow() !== knownVersion) load()
    return known.get(id)
  }
  const endOf = (token: StoredToken): 'expired' | 'revoked' | undefined => {
    if (token.revoked_ms !== null) return 'revoked'
    return token.expires_ms !== null && token.expires_ms <= clock.now() ? 'expired' : undefined
  }
  const view = (token: StoredToken): TokenView => ({
    id: token.id,
    name: token.name,
    role: token.role,
    createdMs: token.created_ms,
    createdBy: token.created_by,
    expiresMs: token.expires_ms,
    lastUsedMs: used.get(token.id) ?? token.last_used_ms,
    revokedMs: token.revoked_ms,
  })
  const flush = (): void => {
    flushedAt = clock.monotonic()
    for (const [id, atMs] of used) setUsed.run({ id, atMs })
    for (const [id, atMs] of used) {
      const token = known.get(id)
      if (token !== undefined) token.last_used_ms = atMs
    }
    used.clear()
  }
  const fact = (event: 'token-created' | 'token-revoked', token: StoredToken, who: string): AuditFact => ({
    event,
    who,
    what: `${token.role} token ${token.name} (${token.id})`,
    where: 'collector',
    why: '',
    command: null,
    outcome: null,
    digest: null,
  })

  load()
  return {
    async create({ name, role, lifetimeMs, always = false }, by) {
      const nowMs = clock.now()
      writing(() => forget.run({ beforeMs: nowMs - rememberEndedMs }))
      load()
      if (!always && known.size + coming.size >= maxTokens)
        throw new PgherdError('REFUSED', `there are ${maxTokens} tokens already`)
      const isTaken = [...known.values()].some((token) => token.name === name && endOf(token) === undefined)
      if (isTaken || coming.has(name)) {
        throw new PgherdError(
          'REFUSED',
          `there is a token with the name ${name}: revoke it, or choose another`,
        )
      }
      const id = newId()
      const secret = newSecret()
      const expiresMs = lifetimeMs === null ? null : nowMs + lifetimeMs
      const token: StoredToken = {
        id,
        name,
        role,
        hash: new Uint8Array(hashOf(secret)),
        created_ms: nowMs,
        created_by: by,
        expires_ms: expiresMs,
        last_used_ms: null,
        revoked_ms: null,
      }
      // First told, then done: nothing is allowed that the audit does not know.
      coming.add(name)
      try {
        await audit(fact('token-created', token, by))
        writing(() =>
          insert.run({ id, name, role, hash: token.hash, createdMs: nowMs, createdBy: by, expiresMs }),
        )
        known.set(id, token)
      } finally {
        coming.delete(name)
      }
      return { ...view(token), token: `pgh_${id}_${secret}` }
    },
    list() {
      load()
      return [...known.values()].map(view)
    },
    async revoke(id, by) {
      const token = find(id)
      if (token === undefined) throw new PgherdError('NOT_FOUND', `there is no token ${id.slice(0, 64)}`)
      if (token.revoked_ms !== null && !ending.has(id)) return view(token)
      // In memory first: whatever the disk says, from now on it does not count.
      const atMs = (token.revoked_ms ??= clock.now())
      ending.set(id, atMs)
      for (const listener of listeners) listener()
      writing(() => setRevoked.run({ id, nowMs: atMs }))
      await audit(fact('token-revoked', token, by))
      ending.delete(id)
      return view(token)
    },
    onRevoked: (listener) => void listeners.push(listener),
    check(text) {
      const [, id, secret] = pattern.exec(text) ?? []
      const token = id === undefined ? undefined : find(id)
      if (token === undefined || secret === undefined || !isSecret(secret, token.hash)) {
        return { refused: 'unknown' }
      }
      const end = endOf(token)
      if (end !== undefined) return { refused: end }
      used.set(token.id, clock.now())
      if (clock.monotonic() - flushedAt >= flushEveryMs) {
        try {
          flush()
        } catch {
          // A full disk is no reason to turn somebody away; they stay in memory for the next time.
        }
      }
      return token
    },
    flush,
  }
}
