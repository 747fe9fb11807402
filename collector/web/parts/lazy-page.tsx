import { useEffect, useState } from 'preact/hooks'
import type { ComponentType, JSX } from 'preact'

interface State<P> {
  readonly page: ComponentType<P> | null
  readonly failed: boolean
}

/** A page whose code is fetched when it is first shown, and kept. */
export function lazyPage<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let known: ComponentType<P> | null = null
  return function LazyPage(properties: P): JSX.Element {
    const [{ page, failed }, setState] = useState<State<P>>({ page: known, failed: false })
    useEffect(() => {
      if (page !== null) return
      load().then(
        (loaded) => {
          known = loaded
          setState({ page: loaded, failed: false })
        },
        () => setState({ page: null, failed: true }),
      )
    }, [page])
    if (page !== null) {
      const Page = page
      return <Page {...properties} />
    }
    // The names of the files change with an update of the collector.
    return failed ? (
      <p class="panel-error" role="alert">
        This part of the page could not be fetched.{' '}
        <button type="button" onClick={() => location.reload()}>
          Load the page again
        </button>
      </p>
    ) : (
      <p class="empty" role="status">
        Loading…
      </p>
    )
  }
}
