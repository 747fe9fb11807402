import type { JSX } from 'preact'
import { link } from '../../state/route.ts'
import type { BoardEntry } from '../boards.ts'
import { destinationOf, withParameters } from '../links/address.ts'
import { LinkTo } from '../links/link-to.tsx'
import type { BoardLink } from '../model/board.ts'
import { allForAddress, expand } from '../variables/expand.ts'
import type { Selections } from '../variables/selection.ts'
import { Popover } from './popover.tsx'

interface Properties {
  readonly links: readonly BoardLink[]
  readonly boards: readonly BoardEntry[]
  readonly uid: string
  readonly selections: Selections
  readonly timeAddress: string
}

/** Other boards about the same servers and time. */
export function BoardLinks({ links, boards, uid, selections, timeAddress }: Properties): JSX.Element {
  const parametersOf = ({ keepTime, includeVars }: BoardLink): string =>
    [includeVars ? allForAddress(selections) : '', keepTime ? timeAddress : '']
      .filter((part) => part !== '')
      .join('&')
  return (
    <nav class="board-links" aria-label="Related boards">
      {links.map((one) => {
        if (one.type === 'dashboards') {
          const listed = boards.filter(({ tags }) => one.tags.every((tag) => tags.includes(tag)))
          return (
            <Popover key={one.title} label={one.title} text={one.title}>
              {() => (
                <ul class="choices">
                  {listed.map((board) => (
                    <li key={board.uid}>
                      <a
                        class="choice"
                        aria-current={board.uid === uid ? 'page' : undefined}
                        href={link(withParameters(`/d/${board.uid}`, parametersOf(one)))}
                      >
                        {board.title.replace(/^pgherd: /, '')}
                      </a>
                    </li>
                  ))}
                </ul>
              )}
            </Popover>
          )
        }
        const address = expand(one.url ?? '', { selections, texts: new Map() }, 'address')
        const destination = destinationOf(withParameters(address, parametersOf(one)))
        if (destination === null) return null
        return (
          <LinkTo
            key={one.title}
            class="button"
            to={{ title: one.tooltip, destination, isNewTab: one.targetBlank }}
          >
            {one.title}
          </LinkTo>
        )
      })}
    </nav>
  )
}
