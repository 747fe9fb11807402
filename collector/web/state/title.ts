import { useEffect } from 'preact/hooks'

let page = ''
let firing = 0

const write = (): void => {
  const name = page === '' ? 'pgherd' : `${page} · pgherd`
  document.title = firing > 0 ? `(${firing}) ${name}` : name
}

/** What the tab is called while a page is shown: `Alerts · pgherd`. */
export function useTitle(name: string): void {
  useEffect(() => {
    page = name
    write()
  }, [name])
}

/** How many alerts fire stands before it, so that a tab in the background tells. */
export function useFiringInTitle(count: number): void {
  useEffect(() => {
    firing = count
    write()
  }, [count])
}
