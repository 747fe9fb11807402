import { z } from 'zod'

// Of programs that cannot be had for a test, by their manuals; only what the documentation uses, so that a slip of a key is found.

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#data-sources */
export const grafanaSources = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.array(
    z.strictObject({
      name: z.string(),
      uid: z.string().max(40),
      type: z.literal('prometheus'),
      access: z.literal('proxy'),
      url: z.url(),
      jsonData: z.strictObject({
        httpMethod: z.enum(['GET', 'POST']),
        timeInterval: z.string().regex(/^\d+s$/),
        httpHeaderName1: z.string(),
        tlsAuthWithCACert: z.boolean(),
      }),
      secureJsonData: z.strictObject({ httpHeaderValue1: z.string(), tlsCACert: z.string() }),
    }),
  ),
})

/** https://grafana.com/docs/grafana/latest/administration/provisioning/#dashboards */
export const grafanaBoards = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.array(
    z.strictObject({
      name: z.string(),
      folder: z.string(),
      type: z.literal('file'),
      allowUiUpdates: z.boolean(),
      options: z.strictObject({ path: z.string().startsWith('/') }),
    }),
  ),
})

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: z.int().min(1).max(65_535) }),
  periodSeconds: z.int().min(1),
})

/** https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#Probe */
export const probesOfContainer = z.strictObject({ readinessProbe: probe, livenessProbe: probe })
