/** Where a VictoriaMetrics has its APIs, behind the base of a URL. */
export interface EnginePaths {
  readonly write: string
  /** In front of `query`, `series` and the like. */
  readonly api: string
  readonly deleteSeries: string
  readonly snapshot: string | undefined
  readonly flush: string | undefined
  /** Figures of the process, with its flags. */
  readonly metrics: string
}

/**
 * A single node has everything at the root. In a cluster the tenant (`accountID` or `accountID:projectID`) is part of
 * the path, `insert` is served by vminsert, `select` and `delete` by vmselect, and what concerns the storage itself by
 * each vmstorage, out of our reach (docs.victoriametrics.com/cluster-victoriametrics, URL format).
 */
export function enginePaths(tenant: string | undefined): EnginePaths {
  if (tenant === undefined) {
    return {
      write: '/api/v1/write',
      api: '/api/v1',
      deleteSeries: '/api/v1/admin/tsdb/delete_series',
      snapshot: '/snapshot',
      flush: '/internal/force_flush',
      metrics: '/metrics',
    }
  }
  return {
    write: `/insert/${tenant}/prometheus/api/v1/write`,
    api: `/select/${tenant}/prometheus/api/v1`,
    deleteSeries: `/delete/${tenant}/prometheus/api/v1/admin/tsdb/delete_series`,
    snapshot: undefined,
    flush: undefined,
    metrics: '/metrics',
  }
}
