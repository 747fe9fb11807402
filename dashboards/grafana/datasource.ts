import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'

/** The Prometheus that is chosen in the head of the board: a collector of pgherd, or its VictoriaMetrics. */
export const datasource: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }
