import { useEffect, useState } from 'preact/hooks'
import type { ComponentType, JSX } from 'preact'
import type { CollectorClient } from '../api/client.ts'

interface EditorProperties {
  readonly client: CollectorClient
  readonly label: string
  readonly value: string
  /** The editor owns its text; it takes `value` only when this changes. */
  readonly revision: string
  readonly isFocused: boolean
  readonly onChange: (value: string) => void
  readonly onRun: () => void
}

interface Properties extends EditorProperties {
  readonly letter: string
  /** What the last run said of it: how many series, or why none. */
  readonly verdict: { readonly text: string; readonly isError: boolean } | null
  readonly onRemove: (() => void) | null
}

/** One query with its editor. The editor's code comes when the page is already there; until then it is a plain field. */
export function QueryRow({ letter, verdict, onRemove, ...editor }: Properties): JSX.Element {
  const Editor = useEditor()
  return (
    <div class="query-row">
      <span class="query-letter" aria-hidden="true">
        {letter}
      </span>
      {Editor === null ? <PlainEditor {...editor} /> : <Editor {...editor} />}
      {onRemove !== null && (
        <button type="button" aria-label={`Remove query ${letter}`} title="Remove" onClick={onRemove}>
          ✕
        </button>
      )}
      {verdict !== null && (
        <p class={verdict.isError ? 'panel-error query-verdict' : 'soft query-verdict'} role="status">
          {verdict.text}
        </p>
      )}
    </div>
  )
}

let loaded: ComponentType<EditorProperties> | null = null

/** Null until the editor is there, and for good where it cannot be fetched: the plain field does as well. */
function useEditor(): ComponentType<EditorProperties> | null {
  const [editor, setEditor] = useState({ component: loaded })
  useEffect(() => {
    if (editor.component !== null) return
    import('./promql-editor.tsx').then(
      (module) => {
        loaded = module.default
        setEditor({ component: module.default })
      },
      () => undefined,
    )
  }, [])
  return editor.component
}

function PlainEditor({ label, value, onChange, onRun }: EditorProperties): JSX.Element {
  return (
    <textarea
      class="plain-editor"
      aria-label={label}
      rows={1}
      value={value}
      spellcheck={false}
      onInput={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Enter') return
        event.preventDefault()
        onRun()
      }}
    />
  )
}
