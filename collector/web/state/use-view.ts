import { useCallback, useEffect, useState } from 'preact/hooks'
import { formatView, parseView } from './view.ts'
import type { View } from './view.ts'

/** The view in the address and a way to change it; each change is a step that the Back button undoes. */
export function useView(): readonly [View, (change: Partial<View>) => void] {
  const [view, setView] = useState(() => parseView(location.hash))
  useEffect(() => {
    const read = (): void => setView(parseView(location.hash))
    addEventListener('popstate', read)
    addEventListener('hashchange', read)
    return () => {
      removeEventListener('popstate', read)
      removeEventListener('hashchange', read)
    }
  }, [])
  const change = useCallback((part: Partial<View>): void => {
    const next = { ...parseView(location.hash), ...part }
    const hash = formatView(next)
    if (hash !== location.hash) {
      history.pushState(null, '', hash === '' ? location.pathname + location.search : hash)
    }
    setView(next)
  }, [])
  return [view, change]
}
