import { useEffect, useRef, useState } from 'preact/hooks'
import type { RefObject } from 'preact'

/** CSS pixels within an element; zero until it is known. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** Follows the size of an element. */
export function useSize<E extends Element>(): readonly [RefObject<E | null>, Size] {
  const element = useRef<E | null>(null)
  const [size, setSize] = useState<Size>({ width: 0, height: 0 })
  useEffect(() => {
    const target = element.current
    if (target === null) return
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0)
      const height = Math.floor(entry?.contentRect.height ?? 0)
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }))
    })
    observer.observe(target)
    return () => observer.disconnect()
  }, [])
  return [element, size]
}
