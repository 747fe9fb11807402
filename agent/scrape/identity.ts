/** Who the measurements are about; from the agent's configuration. */
export interface Identity {
  readonly cluster: string
  readonly seq: number
  readonly ip: string
}

/** The labels of every series of one source; `instance` says by its port what kind of source it is. */
export function identityLabels(
  identity: Identity,
  job: string,
  port: number,
): Readonly<Record<string, string>> {
  const host = identity.ip.includes(':') ? `[${identity.ip}]` : identity.ip
  return {
    job,
    cls: identity.cluster,
    ins: `${identity.cluster}-${identity.seq}`,
    ip: identity.ip,
    instance: `${host}:${port}`,
  }
}
