import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

/** The width of an element, and whether it is on the screen or about to be. */
export interface Placement {
  readonly width: number
  readonly near: boolean
}

/** Follows an element through resizing and scrolling. */
export function usePlacement<E extends Element>(): readonly [RefObject<E | null>, Placement] {
  const element = useRef<E | null>(null)
  const [placement, setPlacement] = useState<Placement>({ width: 0, near: false })
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const resize = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0)
      setPlacement((old) => (old.width === width ? old : { ...old, width }))
    })
    const approach = new IntersectionObserver(
      (entries) => {
        const near = entries.at(-1)?.isIntersecting ?? false
        setPlacement((old) => (old.near === near ? old : { ...old, near }))
      },
      { rootMargin: '200px' },
    )
    resize.observe(target)
    approach.observe(target)
    return () => {
      resize.disconnect()
      approach.disconnect()
    }
  }, [])
  return [element, placement]
}
