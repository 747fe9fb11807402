import { z } from 'zod'
import { messageOf } from '../../../common/errors.ts'
import { createHttpClient } from '../../../common/http-client.ts'
import { credentialHeaders, readTlsFiles } from '../../../common/http-credentials.ts'
import type { HttpCredentials, TlsPaths } from '../../../common/http-credentials.ts'

/** A member of etcd as the agent's configuration has it; only its /health is read, nothing is ever written there. */
export interface EtcdAccess extends HttpCredentials {
  /** Loopback unless told. */
  readonly url?: string | undefined
  readonly tls?: TlsPaths | undefined
}

/** `"true"` is text there; source: etcd 3.5, server/etcdserver/api/etcdhttp/health.go. */
const healthAnswer = z.object({ health: z.union([z.string(), z.boolean()]) })

const usualUrl = 'http://127.0.0.1:2379'

/** A member without a quorum answers late. */
const healthMs = 2_000

/**
 * Why Patroni cannot write into etcd, a sentence; none where a member says that it has read through the quorum, or where nobody can be
 * asked. Patroni itself reads without a quorum what was so before, and says nothing of it.
 */
export async function askStore(etcd: readonly EtcdAccess[]): Promise<readonly string[]> {
  if (etcd.length === 0) return []
  const obstacles = await Promise.all(etcd.map(obstacleOf))
  if (obstacles.includes(undefined)) return []
  return [`no member of etcd that this host asks has a quorum: ${obstacles.join('; ')}`]
}

async function obstacleOf({ url, tls, ...credentials }: EtcdAccess): Promise<string | undefined> {
  const { origin } = new URL(url ?? usualUrl)
  try {
    using http = createHttpClient({
      connections: 1,
      ...(tls === undefined ? {} : { tls: await readTlsFiles(tls) }),
    })
    const { status, body } = await http.send({
      method: 'GET',
      url: `${origin}/health`,
      headers: await credentialHeaders(credentials),
      timeoutMs: healthMs,
      maxAnswerBytes: 65_536,
    })
    const answer = healthAnswer.safeParse(JSON.parse(Buffer.from(body).toString()))
    if (status === 200 && String(answer.data?.health) === 'true') return undefined
    return `${origin} says that it is not healthy`
  } catch (error) {
    return messageOf(error)
  }
}
