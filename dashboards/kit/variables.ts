/** A variable of a board; its choices are the values of a label. */
export interface Variable {
  readonly name: string
  readonly label: string
  readonly description: string
  /** The selector whose series have the label. */
  readonly selector: string
  /** Whether several or all can be chosen. */
  readonly multi: boolean
}

const cluster = { name: 'cls', label: 'Cluster', description: 'Clusters of PostgreSQL servers' }
const server = { name: 'ins', label: 'Server', description: 'PostgreSQL servers of the chosen clusters' }

export const clusters: Variable = { ...cluster, selector: 'pg_up', multi: true }
export const oneCluster: Variable = { ...cluster, selector: 'pg_up', multi: false }
export const servers: Variable = { ...server, selector: 'pg_up{cls=~"$cls"}', multi: true }
export const oneServer: Variable = { ...server, selector: 'pg_up{cls=~"$cls"}', multi: false }
export const machines: Variable = {
  name: 'ins',
  label: 'Machine',
  description: 'Machines, by the first server of the agent on each',
  selector: 'node_boot_time_seconds{cls=~"$cls"}',
  multi: true,
}
export const machineClusters: Variable = { ...cluster, selector: 'node_boot_time_seconds', multi: true }

/** Selects what the variables of a board choose. */
export const inClusters = 'cls=~"$cls"'
export const inServers = 'cls=~"$cls",ins=~"$ins"'
export const inDatabases = 'cls=~"$cls",ins=~"$ins",datname=~"$datname"'
