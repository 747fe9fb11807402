import { fleetEventType } from '../../common/wire/events.ts'
import type { EventQuery } from '../../common/wire/events.ts'
import { readWord } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'

/** The parameters `node`, `cluster` and `type`, of which there may be many, of a request for events; absent means all. */
export function readEventFilter(
  parameters: RequestParameters,
): Pick<EventQuery, 'node' | 'cluster' | 'types'> {
  const node = parameters.one('node')
  const cluster = parameters.one('cluster')
  const types = parameters
    .all('type')
    .filter((text) => text !== '')
    .map((text) => readWord('type', text, fleetEventType.options))
  return {
    ...(node === undefined ? {} : { node }),
    ...(cluster === undefined ? {} : { cluster }),
    ...(types.length === 0 ? {} : { types }),
  }
}
