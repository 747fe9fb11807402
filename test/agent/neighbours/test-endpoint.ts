import { onTestFinished } from 'vitest'
import { createEndpointSource } from '../../../agent/neighbours/endpoint.ts'
import type { EndpointOptions } from '../../../agent/neighbours/endpoint.ts'
import type { Neighbour } from '../../../agent/neighbours/neighbour.ts'
import { silentLog } from '../../../common/log.ts'

export const labels = { job: 'app', instance: '10.0.0.1:80' }

/** The source of the endpoint at `url`, until the test ends. */
export function endpoint(url: string, options: Partial<EndpointOptions> = {}): Neighbour {
  const source = createEndpointSource({ url, labels, log: silentLog, ...options })
  onTestFinished(() => source[Symbol.asyncDispose]())
  return source
}
