import type { ComponentChildren, JSX } from 'preact'
import { link } from '../../state/route.ts'
import type { ResolvedLink } from './data-link.ts'

/** A link to one of the page's own addresses or to elsewhere. */
export function LinkTo({
  to: { destination, isNewTab, title },
  class: className,
  children,
}: {
  readonly to: ResolvedLink
  readonly class?: string
  readonly children: ComponentChildren
}): JSX.Element {
  const href = destination.kind === 'here' ? link(destination.path) : destination.url
  return (
    <a
      href={href}
      title={title === '' ? undefined : title}
      class={className}
      {...(isNewTab || destination.kind === 'elsewhere'
        ? { target: '_blank', rel: 'noopener noreferrer' }
        : {})}
    >
      {children}
    </a>
  )
}
