import { fleetEventType } from '../../common/wire/events.ts'
import type { FleetEventType } from '../../common/wire/events.ts'
import { invalidParameter } from './request-parameters.ts'
import type { RequestParameters } from './request-parameters.ts'

/** The `type` parameters of a request for events; none means all. */
export function readTypes(parameters: Pick<RequestParameters, 'all'>): readonly FleetEventType[] {
  return parameters
    .all('type')
    .filter((text) => text !== '')
    .map(readType)
}

function readType(text: string): FleetEventType {
  const parsed = fleetEventType.safeParse(text)
  if (parsed.success) return parsed.data
  throw invalidParameter('type', `"${text.slice(0, 64)}" is none of ${fleetEventType.options.join(', ')}`)
}
