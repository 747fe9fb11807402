/** A variable of a board; its choices are the values of a label. */
export interface Variable {
  readonly name: string
  readonly label: string
  readonly description: string
  /** The selector whose series have the label. */
  readonly selector: string
  /** The label, where it has another name than the variable. */
  readonly of?: string
  /** Whether several or all can be chosen. */
  readonly multi: boolean
}

const cluster = { name: 'cls', label: 'Cluster', description: 'Clusters of PostgreSQL servers' }
const server = { name: 'ins', label: 'Server', description: 'PostgreSQL servers of the chosen clusters' }

export const clusters: Variable = { ...cluster, selector: 'pg_up', multi: true }
export const oneCluster: Variable = { ...cluster, selector: 'pg_up', multi: false }
export const servers: Variable = { ...server, selector: 'pg_up{cls=~"$cls"}', multi: true }
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
export const databases: Variable = {
  name: 'datname',
  label: 'Database',
  description: 'Databases of the chosen servers',
  selector: 'pg_db_datid{cls=~"$cls",ins=~"$ins"}',
  multi: true,
}
export const statements: Variable = {
  name: 'query',
  label: 'Statement',
  description: 'Statements by the identifier of pg_stat_statements',
  selector: 'pg_query_calls{cls=~"$cls",ins=~"$ins",datname=~"$datname"}',
  multi: true,
}
export const tables: Variable = {
  name: 'relname',
  label: 'Table',
  description: 'Tables of the chosen databases',
  selector: 'pg_table_relid{cls=~"$cls",ins=~"$ins",datname=~"$datname"}',
  multi: true,
}
export const poolerServers: Variable = {
  name: 'ins',
  label: 'Server',
  description: 'Servers of the chosen clusters that have a pgBouncer beside them',
  selector: 'pgbouncer_up{cls=~"$cls"}',
  multi: true,
}
export const pools: Variable = {
  name: 'datname',
  label: 'Database',
  description: 'Databases of the chosen poolers',
  selector: 'pgbouncer_stat_total_query_count{cls=~"$cls",ins=~"$ins"}',
  multi: true,
}
export const proxyClusters: Variable = {
  ...cluster,
  selector: 'haproxy_process_max_connections',
  multi: true,
}
export const proxyServers: Variable = {
  name: 'ins',
  label: 'Machine',
  description: 'Machines with an HAProxy',
  selector: 'haproxy_process_max_connections{cls=~"$cls"}',
  multi: true,
}
export const proxies: Variable = {
  name: 'proxy',
  label: 'Backend',
  description: 'Backends of the chosen HAProxies',
  selector: 'haproxy_backend_active_servers{cls=~"$cls",ins=~"$ins"}',
  multi: true,
}
export const devices: Variable = {
  name: 'device',
  label: 'Device',
  description: 'Block devices of the chosen machines',
  selector: 'node_disk_io_time_seconds_total{cls=~"$cls",ins=~"$ins"}',
  multi: true,
}
export const severities: Variable = {
  name: 'severity',
  label: 'Severity',
  description: 'CRIT wants somebody at once, WARN during the day, INFO nobody',
  selector: 'ALERTS',
  multi: true,
}
export const collectors: Variable = {
  name: 'collector',
  label: 'Collector',
  description: 'Collectors that an agent or a Prometheus scrapes',
  selector: 'pgherd_nodes_connected',
  multi: true,
  of: 'instance',
}
