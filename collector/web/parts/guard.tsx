import { useEffect, useErrorBoundary } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

/**
 * What cannot be drawn costs itself: a sentence stands in its place, and what is around it goes on. It is tried again
 * whenever `attempt` changes.
 */
export function Guard({
  what,
  attempt,
  children,
}: {
  readonly what: string
  readonly attempt: unknown
  readonly children: ComponentChildren
}): JSX.Element {
  const [failure, reset] = useErrorBoundary() as [unknown, () => void]
  useEffect(() => {
    if (failure !== undefined) reset()
  }, [attempt])
  if (failure === undefined) return <>{children}</>
  return (
    <p class="panel-error" role="alert">
      {what} cannot be drawn: {failure instanceof Error ? failure.message : 'its code failed'}
    </p>
  )
}
