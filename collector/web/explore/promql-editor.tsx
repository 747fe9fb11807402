import { useEffect, useRef } from 'preact/hooks'
import type { JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'
import { createEditor } from './create-editor.ts'
import type { Editor } from './create-editor.ts'

interface Properties {
  readonly client: CollectorClient
  readonly label: string
  readonly value: string
  /** The editor owns its text; it takes `value` only when this changes. */
  readonly revision: string
  readonly isFocused: boolean
  readonly onChange: (value: string) => void
  readonly onRun: () => void
}

/**
 * An editor of PromQL. It lives in a shadow root, where its style sheets are objects: as elements in the page they would
 * be inline styles, which the Content-Security-Policy forbids.
 */
export default function PromqlEditor({
  client,
  label,
  value,
  revision,
  isFocused,
  onChange,
  onRun,
}: Properties): JSX.Element {
  const host = useRef<HTMLDivElement>(null)
  const editor = useRef<Editor | null>(null)
  const events = useRef({ onChange, onRun })
  events.current = { onChange, onRun }
  useEffect(() => {
    if (host.current === null) return
    const created = createEditor(host.current, {
      client,
      label,
      value,
      change: (text) => events.current.onChange(text),
      run: () => events.current.onRun(),
    })
    editor.current = created
    if (isFocused) created.focus()
    return () => created[Symbol.dispose]()
  }, [client, label])
  useEffect(() => editor.current?.set(value), [revision])
  return <div class="promql-editor" ref={host} />
}
