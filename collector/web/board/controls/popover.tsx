import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { ComponentChildren, JSX } from 'preact'

interface Properties {
  readonly label: string
  /** What stands on the button. */
  readonly text: ComponentChildren
  readonly class?: string
  readonly children: (close: () => void) => ComponentChildren
}

/** A button that opens a small window below it; Escape, a click elsewhere or leaving it with Tab closes it. */
export function Popover({ label, text, class: className = '', children }: Properties): JSX.Element {
  const [isOpen, setOpen] = useState(false)
  const element = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const inside = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (!isOpen) return
    const outside = (event: Event): void => {
      if (event.target instanceof Node && element.current?.contains(event.target) !== true) setOpen(false)
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [isOpen])
  useLayoutEffect(() => {
    if (isOpen && inside.current !== null) keepOnScreen(inside.current)
  }, [isOpen])
  const close = (): void => {
    setOpen(false)
    button.current?.focus()
  }
  return (
    <div
      class={`popover ${className}`}
      ref={element}
      onKeyDown={(event) => {
        if (!isOpen || event.key !== 'Escape') return
        event.stopPropagation()
        close()
      }}
    >
      <button
        type="button"
        ref={button}
        aria-expanded={isOpen}
        aria-label={label}
        onClick={() => setOpen(!isOpen)}
      >
        {text}
        <span class="popover-sign" aria-hidden="true">
          {' '}
          ▾
        </span>
      </button>
      {isOpen && (
        <div class="popover-window" ref={inside} role="group" aria-label={label}>
          {children(close)}
        </div>
      )}
    </div>
  )
}

/** A window that would stand over an edge of the screen moves in by as much. */
function keepOnScreen(window: HTMLElement): void {
  const edge = 8
  const { left, right } = window.getBoundingClientRect()
  const over = right - (document.documentElement.clientWidth - edge)
  const moved = over > 0 ? -Math.min(over, left - edge) : left < edge ? edge - left : 0
  window.style.translate = `${moved}px 0`
}
