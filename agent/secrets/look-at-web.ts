import type { HttpAnswer, HttpClient, HttpRequest } from '../../common/http-client.ts'
import type { KnownPassword, PasswordService } from '../../common/known-passwords/known-passwords.ts'
import { tryEach, withoutPassword } from './candidate.ts'
import type { Look } from './candidate.ts'
import { signedListing } from './s3-signature.ts'

/** A service of this host that is asked by HTTP. */
export interface WebService {
  readonly service: Exclude<PasswordService, 'postgres' | 'pgbackrest-cipher' | 'supabase-jwt'>
  /** Without a path. */
  readonly origin: string
}

type Ask = (path: string, more?: Partial<HttpRequest>) => Promise<HttpAnswer>
/** undefined where the service is not what it should be, or wants no password. */
type Attempt = (one: KnownPassword) => Promise<boolean | undefined>

const askMs = 5_000

/** @throws PgherdError of `HttpClient.send`, where nothing listens */
export async function lookAtWeb(
  { service, origin }: WebService,
  known: readonly KnownPassword[],
  about: {
    readonly http: HttpClient
    readonly nowMs: () => number
    readonly turn: number
    readonly signal: AbortSignal
  },
): Promise<Look> {
  const ask: Ask = (path, more = {}) =>
    about.http.send({
      method: 'GET',
      url: `${origin}${path}`,
      timeoutMs: askMs,
      maxAnswerBytes: 65_536,
      onlyStatusMatters: true,
      ...more,
    })
  const attempt = await attempts[service](ask, new URL(origin).host, about.nowMs)
  if (attempt === undefined) return { found: [], open: [] }
  const mine = known.filter((one) => one.service === service)
  const { found, open } = await tryEach(mine, attempt, about)
  return { found: found.map((one) => withoutPassword(one, new URL(origin).host)), open }
}

/** How each is recognised, and how a login is tried that changes nothing. */
const attempts: Readonly<
  Record<WebService['service'], (ask: Ask, host: string, nowMs: () => number) => Promise<Attempt | undefined>>
> = {
  async haproxy(ask) {
    for (const path of ['/', '/stats', '/haproxy?stats', '/haproxy/stats', '/admin?stats']) {
      if ((await ask(path)).status === 401) return async (one) => (await ask(path, basic(one))).status === 200
    }
    return undefined
  },
  async grafana(ask) {
    const health = await ask('/api/health')
    if (health.status !== 200 || !new TextDecoder().decode(health.body).includes('"database"'))
      return undefined
    return async (one) => (await ask('/api/org', basic(one))).status === 200
  },
  async patroni(ask) {
    // Who may is told that the body is missing, before anything is done: 400 or 411.
    const config = async (more: Partial<HttpRequest> = {}): Promise<number> =>
      (await ask('/config', { method: 'PATCH', ...more })).status
    if ((await config()) !== 401) return undefined
    return async (one) => [400, 411].includes(await config(basic(one)))
  },
  async minio(ask, host, nowMs) {
    if ((await ask('/minio/health/live')).status !== 200) return undefined
    return async ({ user, password }) => {
      const { status, body } = await ask('/', { headers: signedListing(host, user, password, nowMs()) })
      // Whoever may not list buckets has shown the right secret all the same.
      return (
        status === 200 || (status === 403 && new TextDecoder().decode(body).includes('<Code>AccessDenied<'))
      )
    }
  },
  etcd(ask) {
    const login = (name: string, password: string): Promise<HttpAnswer> =>
      ask('/v3/auth/authenticate', { method: 'POST', body: JSON.stringify({ name, password }) })
    return Promise.resolve(async ({ user, password }) => {
      const { status, body } = await login(user, password)
      if (status === 200) return true
      return /invalid user ID or password/.test(new TextDecoder().decode(body)) ? false : undefined
    })
  },
  async 'supabase-studio'(ask) {
    const { status, headers } = await ask('/')
    if (status !== 401 || !/kong/i.test(`${headers['server'] ?? ''} ${headers['via'] ?? ''}`))
      return undefined
    return async (one) => (await ask('/', basic(one))).status !== 401
  },
}

function basic({ user, password }: KnownPassword): Pick<HttpRequest, 'headers'> {
  return { headers: { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` } }
}
