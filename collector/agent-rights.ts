import type { Certificates } from './fleet/certificates.ts'
import type { MayWrite } from './ingest/series-owner.ts'

/** Of whom the agent of a node may tell, in samples and in reports; undefined where it may of everybody. */
export type AgentRights = (node: string) => MayWrite | undefined

/** Whether an agent may report of a member of a cluster: where it may write samples of it. */
export function mayReport(
  rights: AgentRights,
): (node: string, about: { readonly server: string; readonly cluster: string }) => boolean {
  return (node, { server, cluster }) => rights(node)?.({ ins: server, cls: cluster }) ?? true
}

/**
 * An agent tells of its own server, and of those that it measures from afar. A node with a certificate of its own is nobody
 * else's, and the cluster is always that in the name: a server is called `<cls>-<seq>`. Addresses are not looked at, as no
 * certificate says them.
 * @param isFree agents may tell of whatever server they like
 */
export function agentRights(certificates: Pick<Certificates, 'isEnrolled'>, isFree: boolean): AgentRights {
  if (isFree) return () => undefined
  return (node) =>
    ({ ins, cls }) => {
      const seq = ins.startsWith(`${cls}-`) ? ins.slice(cls.length + 1) : ''
      return /^\d+$/.test(seq) && (ins === node || !certificates.isEnrolled(ins))
    }
}
