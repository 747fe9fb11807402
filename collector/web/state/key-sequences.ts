/** A key or two one after the other (`g a`), by what `KeyboardEvent.key` calls them, and what they do. */
export interface Shortcut {
  readonly keys: string
  readonly what: string
  readonly run: () => void
}

/** A second key that comes later than this begins anew. */
const patienceMs = 1_500

/**
 * Follows what is typed. @returns takes a key and the time in milliseconds, and tells whether a shortcut took it
 */
export function followKeys(shortcuts: readonly Shortcut[]): (key: string, nowMs: number) => boolean {
  let first = ''
  let firstMs = -Infinity
  return (key, nowMs) => {
    const before = nowMs - firstMs <= patienceMs ? first : ''
    first = ''
    const typed = before === '' ? key : `${before} ${key}`
    const found = shortcuts.find(({ keys }) => keys === typed) ?? shortcuts.find(({ keys }) => keys === key)
    if (found !== undefined) {
      found.run()
      return true
    }
    if (!shortcuts.some(({ keys }) => keys.startsWith(`${key} `))) return false
    first = key
    firstMs = nowMs
    return true
  }
}

/** Whether a key goes into a text, a choice or a dialog, and is none of the page's. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false
  // What was focused in a dialog stays so until the browser has drawn the page without it.
  if (target.closest('dialog')?.open === false) return false
  return target.closest('input, textarea, select, dialog, [contenteditable]') !== null
}
