import type { FleetEvent } from '../../common/wire/events.ts'

/** Something that happened to a cluster, for the list of the fleet's events. */
export type NewEvent = Omit<FleetEvent, 'seq' | 'atMs'>
