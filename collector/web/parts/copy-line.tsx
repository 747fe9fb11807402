import { useEffect, useState } from 'preact/hooks'
import type { JSX } from 'preact'

/** How long it is said that something was copied. */
const shownMs = 2_000

/** A command for a terminal, with a button that copies it. Where a browser lets nobody copy it can still be selected. */
export function CopyLine({ text }: { readonly text: string }): JSX.Element {
  const [said, setSaid] = useState('')
  useEffect(() => {
    if (said === '') return
    const timer = setTimeout(() => setSaid(''), shownMs)
    return () => clearTimeout(timer)
  }, [said])
  const copy = (): void => {
    copyText(text).then(
      () => setSaid('copied'),
      () => setSaid('select it to copy'),
    )
  }
  return (
    <span class="copy-line">
      <code>{text}</code>
      <button type="button" class="copy" aria-label={`Copy ${text}`} onClick={copy}>
        {said === '' ? 'copy' : said}
      </button>
      <span class="unseen" role="status">
        {said}
      </span>
    </span>
  )
}

/** Browsers have a clipboard for pages of https and of this machine only. */
async function copyText(text: string): Promise<void> {
  const { clipboard } = navigator as { readonly clipboard?: Clipboard }
  if (clipboard === undefined) throw new Error('no clipboard here')
  await clipboard.writeText(text)
}
