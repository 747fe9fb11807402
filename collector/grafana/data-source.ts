import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { PgherdError } from '../../common/errors.ts'
import type { GrafanaApi } from './api.ts'
import type { Step } from './step.ts'

/** How Grafana reaches the collector. */
export interface Collector {
  readonly url: string
  /** Of role viewer; it is stored encrypted and cannot be read back. */
  readonly token?: string
  /** PEM, where its certificate is of the fleet's own authority. */
  readonly authority?: string
}

const stored = z.object({
  id: z.number(),
  name: z.string(),
  type: z.string(),
  url: z.string(),
  access: z.string(),
  version: z.number().optional(),
  jsonData: z.record(z.string(), z.unknown()).default({}),
  secureJsonFields: z.record(z.string(), z.boolean()).default({}),
})

export const dataSourceUid = 'pgherd'

/**
 * Makes the Prometheus data source with the uid `pgherd`, or changes it. What is secret is written whenever it is given,
 * because Grafana does not tell whether it is the same.
 * @throws PgherdError REFUSED when the name belongs to another data source
 */
export async function provideDataSource(
  api: GrafanaApi,
  name: string,
  collector: Collector,
  dryRun: boolean,
): Promise<Step> {
  const what = `data source ${name}`
  const wanted = wantedOf(name, collector)
  const found = await api.ask('GET', `/api/datasources/uid/${dataSourceUid}`, [404])
  if (!found.ok) {
    if (dryRun) return { what, did: 'created' }
    const made = await api.ask('POST', '/api/datasources', [409], wanted)
    if (made.ok) return { what, did: 'created' }
    throw new PgherdError(
      'REFUSED',
      `another data source is called "${name}"; give ours another name with --datasource-name (${made.message})`,
    )
  }
  const there = stored.parse(found.body)
  if (there.type !== 'prometheus') {
    throw new PgherdError(
      'REFUSED',
      `the data source with the uid ${dataSourceUid} is one of ${there.type}, and not ours`,
    )
  }
  const { secureJsonData, ...open } = wanted
  const isSame =
    isDeepStrictEqual(
      { name: there.name, url: there.url, access: there.access, jsonData: there.jsonData },
      { name: open.name, url: open.url, access: open.access, jsonData: open.jsonData },
    ) && Object.keys(secureJsonData).length === 0
  if (isSame) return { what, did: 'unchanged' }
  if (!dryRun) {
    const version = there.version === undefined ? {} : { version: there.version }
    await api.ask('PUT', `/api/datasources/uid/${dataSourceUid}`, [], { ...wanted, id: there.id, ...version })
  }
  return { what, did: 'updated' }
}

function wantedOf(name: string, { url, token, authority }: Collector) {
  return {
    uid: dataSourceUid,
    name,
    type: 'prometheus',
    access: 'proxy',
    url,
    jsonData: {
      httpMethod: 'POST',
      // The agents' interval, from which $__rate_interval is made.
      timeInterval: '10s',
      ...(token === undefined ? {} : { httpHeaderName1: 'Authorization' }),
      ...(authority === undefined ? {} : { tlsAuthWithCACert: true }),
    } as Readonly<Record<string, unknown>>,
    secureJsonData: {
      ...(token === undefined ? {} : { httpHeaderValue1: `Bearer ${token}` }),
      ...(authority === undefined ? {} : { tlsCACert: authority }),
    },
  }
}
