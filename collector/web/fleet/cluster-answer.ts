import { z } from 'zod'
import { clusterView } from '../../../common/health/cluster-view.ts'

/**
 * What the overview reads of GET /api/v1/clusters. A report has some hundred fields, and there may be a thousand of them
 * each ten seconds: what is not shown is not looked at.
 */
const member = z.object({
  server: z.string(),
  node: z.string(),
  ip: z.string(),
  isStale: z.boolean(),
  role: z.enum(['primary', 'standby', 'unknown']),
  health: z.object({
    state: z.string(),
    replayLagBytes: z.number().nullable(),
    replayLagSeconds: z.number().nullable(),
  }),
})

const summary = z.object({
  cluster: z.string(),
  status: clusterView.shape.status,
  timeline: z.number().nullable(),
  managedBy: clusterView.shape.managedBy,
  members: z.array(member),
  judgements: z.array(
    z.object({
      code: z.string(),
      severity: z.enum(['ok', 'warning', 'critical']),
      members: z.array(z.string()),
      reason: z.string(),
    }),
  ),
})
export type ClusterSummary = z.infer<typeof summary>
export const clusterSummaries = z.object({ status: z.literal('success'), data: z.array(summary) })
