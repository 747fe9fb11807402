import { httpPort } from '../../common/http-port.ts'
import type { EndpointOptions } from './endpoint.ts'

/** What every neighbour of a known kind needs; the rest of EndpointOptions is optional. */
export interface KnownEndpointOptions extends Omit<EndpointOptions, 'url' | 'labels' | 'explainStatus'> {
  readonly url?: string | undefined
  /** Labels of all series of a job at a port of this host. */
  readonly labelsFor: LabelsFor
}

export type LabelsFor = (job: string, port: number) => Readonly<Record<string, string>>

/** Where and as what a kind of neighbour is found unless told. */
export interface KnownEndpoint {
  readonly url: string
  readonly job: string
}

/** The options of `createEndpointSource` for a known kind. */
export function endpointOptions(kind: KnownEndpoint, options: KnownEndpointOptions): EndpointOptions {
  const url = options.url ?? kind.url
  // What is no URL is refused, with a reason, by the source itself.
  const port = URL.canParse(url) ? httpPort(url) : 0
  return { ...options, url, labels: options.labelsFor(kind.job, port) }
}
