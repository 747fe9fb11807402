import type { JSX } from 'preact'
import type { Route } from '../state/pages.ts'
import { link } from '../state/route.ts'

interface Place {
  readonly page: Route['page']
  readonly text: string
  readonly to: string
  /** What is pressed after `g`. */
  readonly key: string
}

/** The pages that are one click from everywhere. */
export const places: readonly Place[] = [
  { page: 'fleet', text: 'Fleet', to: '/', key: 'f' },
  { page: 'alerts', text: 'Alerts', to: '/alerts', key: 'a' },
  { page: 'board', text: 'Boards', to: '/d/pgherd-fleet', key: 'd' },
  { page: 'explore', text: 'Explore', to: '/explore', key: 'e' },
  { page: 'commands', text: 'Commands', to: '/commands', key: 'c' },
  { page: 'tuning', text: 'Tuning', to: '/tuning', key: 't' },
  { page: 'backups', text: 'Backups', to: '/backups', key: 'b' },
]

/** A cluster is a part of the fleet. */
const placeOf = (route: Route): Route['page'] => (route.page === 'cluster' ? 'fleet' : route.page)

/** Links to the pages; that of the alerts says how many fire. */
export function Navigation({
  route,
  firing,
}: {
  readonly route: Route
  readonly firing: number
}): JSX.Element {
  return (
    <nav class="navigation" aria-label="Pages">
      <ul>
        {places.map(({ page, text, to }) => (
          <li key={page}>
            <a href={link(to)} aria-current={placeOf(route) === page ? 'page' : undefined}>
              {text}
              {page === 'alerts' && firing > 0 && (
                <span class="count" aria-label={`${firing} firing`}>
                  {firing}
                </span>
              )}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}
