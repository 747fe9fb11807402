/** A node as a name in certificates and paths: `<cls>-<seq>`. */
export const nodePattern = /^[A-Za-z0-9][A-Za-z0-9-]{0,62}-\d{1,10}$/

/** The cluster that a node is named after. */
export function clusterOf(node: string): string {
  return node.replace(/-\d+$/, '')
}

/** The name in an agent's certificate by which the collector knows it, as URI (RFC 5280, 4.2.1.6). */
export function agentUri(node: string): string {
  return `urn:pgherd:agent:${node}`
}
