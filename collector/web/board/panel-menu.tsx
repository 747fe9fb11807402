import type { JSX } from 'preact'
import { exploreAddress } from '../explore/address.ts'
import { link } from '../state/route.ts'
import { Popover } from './controls/popover.tsx'
import { resolveLink } from './links/data-link.ts'
import { LinkTo } from './links/link-to.tsx'
import type { Panel } from './model/board.ts'
import { expand } from './variables/expand.ts'
import type { Scope } from './variables/expand.ts'

interface Properties {
  readonly panel: Panel
  readonly title: string
  readonly scope: Scope
  readonly timeAddress: string
  readonly isEnlarged: boolean
  readonly onEnlarge: () => void
}

/** What a panel means, where it leads, and its queries to go on with. */
export function PanelMenu({
  panel,
  title,
  scope,
  timeAddress,
  isEnlarged,
  onEnlarge,
}: Properties): JSX.Element {
  return (
    <Popover label={`About ${title}`} text="?" class="panel-menu">
      {(close) => {
        const links = panel.links.flatMap((one) => resolveLink(one, scope, timeAddress, null) ?? [])
        const queries = panel.targets
          .filter(({ expr, hide }) => expr !== '' && !hide)
          .map(({ expr }) => expand(expr, scope, 'promql'))
        return (
          <>
            {panel.description !== '' && <p>{expand(panel.description, scope, 'text')}</p>}
            {links.map((one) => (
              <p key={one.title}>
                <LinkTo to={one}>{one.title}</LinkTo>
              </p>
            ))}
            <p class="panel-actions">
              <button
                type="button"
                onClick={() => {
                  close()
                  onEnlarge()
                }}
              >
                {isEnlarged ? 'Back to the board' : 'Enlarge'}
              </button>
              {queries.length > 0 && (
                <a class="button" href={link(`/explore?${exploreAddress(queries, timeAddress)}`)}>
                  Explore {queries.length === 1 ? 'its query' : `its ${queries.length} queries`}
                </a>
              )}
            </p>
          </>
        )
      }}
    </Popover>
  )
}
