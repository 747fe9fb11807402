import { link } from '../state/route.ts'

/** The href of a board (`instance` for pgherd-instance) about a cluster, or one server of it. */
export function boardLink(board: string, cluster: string, server?: string): string {
  const variables = new URLSearchParams({
    'var-cls': cluster,
    ...(server === undefined ? {} : { 'var-ins': server }),
  })
  return link(`/d/pgherd-${board}?${variables.toString()}`)
}
