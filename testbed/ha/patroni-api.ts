import { z } from 'zod'
import { basicAuthorization, credentials } from './credentials.ts'

const memberSchema = z.object({
  name: z.string(),
  role: z.string(),
  state: z.string(),
  timeline: z.number().optional(),
  lag: z.union([z.number(), z.string()]).optional(),
  tags: z.record(z.string(), z.unknown()).optional(),
})
const clusterSchema = z.object({ members: z.array(memberSchema) })

export type ClusterMember = z.infer<typeof memberSchema>

/** What `/cluster` says at this address (http://host:port); undefined when nothing usable comes within a second. */
export async function readCluster(patroniUrl: string): Promise<readonly ClusterMember[] | undefined> {
  try {
    const answer = await fetch(`${patroniUrl}/cluster`, { signal: AbortSignal.timeout(1_000) })
    return clusterSchema.parse(await answer.json()).members
  } catch {
    return undefined
  }
}

/** The status of one path; undefined when nothing comes in time. */
export async function statusOf(url: string, timeoutMs = 500): Promise<number | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) })
    await answer.arrayBuffer()
    return answer.status
  } catch {
    return undefined
  }
}

/** A call that changes something. Gives status and text, for Patroni's text carries the truth. */
export async function callPatroni(
  url: string,
  method: 'POST' | 'PATCH' | 'DELETE',
  body: unknown,
): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: basicAuthorization(credentials.patroni),
      'content-type': 'application/json',
    },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  })
  return { status: answer.status, text: await answer.text() }
}
